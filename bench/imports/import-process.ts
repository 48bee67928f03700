import { once } from "node:events";
import { spawn } from "node:child_process";
import { basename } from "node:path";
import { argv, stdin, stdout } from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Wallet } from "ethers";

import type { Actor, Devnet } from "../../devnet/published.js";
import { connect, createClient, type Deployment } from "../../src/sdk/index.js";
import { importFolder } from "../../src/sdk/node/index.js";
import { createEmbeddedStore } from "../../src/storage/node/index.js";
import { openVault } from "../../src/vault/node/index.js";
import { peakResident } from "../lib/resident.js";

const SELF = fileURLToPath(import.meta.url);

/** What an importing process is told on its standard input. */
interface Task {
  url: string;
  deployment: Deployment;
  privateKey: string;
  vault: string;
  passphrase: string;
  store: { directory: string; participant: string };
  path: string;
}

/** What an import that wasn't killed took. */
export interface Finished {
  added: number;
  seconds: number;
  /** The most memory that the process had, in MiB. */
  peak: number;
}

/** A process that has loaded everything and waits to import. */
export function startImporter() {
  // Coverage of a killed process is torn, and spoils what is measured of this one.
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--import=tsx", SELF], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_V8_COVERAGE: undefined },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close");
  const printed = async (line: string): Promise<void> => {
    while (!lines.includes(line)) {
      const [code] = (await Promise.race([once(reader, "line"), ended])) as [unknown];
      if (typeof code !== "string" && !lines.includes(line))
        throw new Error(`the importing process ended: ${String(code)}`);
    }
  };
  const begin = async (devnet: Devnet, actor: Actor, path: string): Promise<void> => {
    await printed("loaded");
    const task: Task = {
      ...{ url: devnet.url, deployment: devnet.deployment, privateKey: actor.wallet.privateKey },
      ...{ vault: actor.home, passphrase: actor.passphrase, path },
      store: { directory: devnet.ipfs, participant: basename(actor.home) },
    };
    child.stdin.write(`${JSON.stringify(task)}\n`);
    await printed("begun");
  };
  return {
    /** Imports a folder for an actor whose vault is closed. */
    async finish(devnet: Devnet, actor: Actor, path: string): Promise<Finished> {
      await begin(devnet, actor, path);
      await ended;
      return JSON.parse(lines.at(-1)!) as Finished;
    },
    /** The same, and kills the process so many milliseconds after it began. @returns false where it had ended by then */
    async kill(devnet: Devnet, actor: Actor, path: string, after: number): Promise<boolean> {
      await begin(devnet, actor, path);
      await Promise.race([sleep(after), ended]);
      child.kill("SIGKILL");
      const [, signal] = (await ended) as [unknown, unknown];
      return signal === "SIGKILL";
    },
    async end(): Promise<void> {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

// Only a process that was started on this file works.
if (argv[1] === SELF) {
  const say = (line: string): void => void stdout.write(`${line}\n`);
  say("loaded");
  for await (const line of createInterface({ input: stdin })) {
    const { deployment, vault: directory, passphrase, store, url, privateKey, path } = JSON.parse(line) as Task;
    const { chainId, genesisHash, contracts } = deployment;
    const chain = { chainId: BigInt(chainId), genesisHash, contracts };
    const provider = await connect(url);
    const vault = await openVault({ directory, chain, passphrase });
    say("begun");
    const began = performance.now();
    const client = await createClient({
      ...{ runner: new Wallet(privateKey, provider), deployment, vault },
      store: await createEmbeddedStore(store),
    });
    const { added, left } = await importFolder(client, { path, validate: false });
    if (left.length > 0) throw new Error(JSON.stringify(left[0]));
    const finished: Finished = { added, seconds: (performance.now() - began) / 1000, peak: peakResident() };
    vault.close();
    say(JSON.stringify(finished));
    process.exit();
  }
}
