/** Runs in a worker of a browser: one participant, with a vault and a store there, who does what the page is asked for. */
import { Wallet } from "ethers";

import { isChartChainError } from "../../src/errors/index.js";
import type { actions } from "../../src/sdk/index.js";
import { connect, createClient, type Client, type Deployment } from "../../src/sdk/index.js";
import { createBrowserStore } from "../../src/storage/web/index.js";
import { openVault } from "../../src/vault/web/index.js";

/** Who starts, and where the chain is. */
export interface Start {
  name: string;
  url: string;
  deployment: Deployment;
  privateKey: string;
}

/** What goes to the worker and what comes back, as JSON in which bytes are a text. */
export interface Call {
  verb: keyof typeof actions | "start";
  input: unknown;
}
export type Answer = { is: unknown } | { refused: string };

interface Scope {
  onmessage: (event: { data: string }) => void;
  postMessage: (answer: string) => void;
}
const scope = globalThis as unknown as Scope;
let client: Client | undefined;

async function start({ name, url, deployment, privateKey }: Start): Promise<string> {
  const { genesisHash, contracts } = deployment;
  const chain = { chainId: BigInt(deployment.chainId), genesisHash, contracts };
  const vault = await openVault({ name, chain, passphrase: "a passphrase of a test", cost: 10, create: true });
  const store = await createBrowserStore({ participant: name });
  const runner = new Wallet(privateKey, await connect(url));
  client = await createClient({ runner, deployment, vault, store });
  return "started";
}

async function answer({ verb, input }: Call): Promise<Answer> {
  try {
    if (verb === "start") return { is: await start(input as Start) };
    const run = client![verb] as (input: unknown) => unknown;
    return { is: await run(input) };
  } catch (error) {
    if (isChartChainError(error)) return { refused: error.code };
    return { refused: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const BYTES = "bytes:";
const written = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "bigint") return each.toString();
    return each instanceof Uint8Array ? BYTES + new TextDecoder().decode(each) : each;
  });
const read = (text: string): unknown =>
  JSON.parse(text, (_, each: unknown) =>
    typeof each === "string" && each.startsWith(BYTES) ? new TextEncoder().encode(each.slice(BYTES.length)) : each,
  );

scope.onmessage = ({ data }) => void answer(read(data) as Call).then((said) => scope.postMessage(written(said)));
