import { readFile } from "node:fs/promises";

import { Wallet } from "ethers";

import { connect, createClient, type Deployment } from "../../src/sdk/index.js";
import { openVault } from "../../src/vault/node/index.js";

/** What the worker is told on its command line, as JSON. */
export interface TakeTask {
  url: string;
  deployment: Deployment;
  privateKey: string;
  vault: string;
  passphrase: string;
  /** The delivery. */
  file: string;
  /** The request to the node or the write to the vault at which it is killed, from 1; 0: it isn't. */
  killAt: number;
}

// Takes a delivery in, in a process that is killed on the way: hard, at a point that counts, before what it is about.
const task = JSON.parse(process.argv[2]!) as TakeTask;
let points = 0;
const point = (): void => {
  if (++points === task.killAt) process.kill(process.pid, "SIGKILL");
};
const provider = await connect(task.url);
const { chainId, genesisHash, contracts } = task.deployment;
const vault = await openVault({
  directory: task.vault,
  chain: { chainId: BigInt(chainId), genesisHash, contracts },
  passphrase: task.passphrase,
});
const client = await createClient({
  runner: new Wallet(task.privateKey, provider),
  deployment: task.deployment,
  vault,
});
counted(provider, "send");
counted(vault.compartments, "put");
counted(vault.envelopes, "put");
counted(vault.envelopes, "describe");
counted(vault.inbox, "markSeen");
counted(vault.settings, "set");
for (const table of Object.values(vault.access)) counted(table, "set");
await client.takeDelivery({ file: JSON.parse(await readFile(task.file, "utf8")) as unknown });
point();
vault.close();
console.log(points);
process.exit();

function counted(of: object, method: string): void {
  const methods = of as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[method]!.bind(of);
  methods[method] = (...args) => {
    point();
    return original(...args);
  };
}
