import { readFile } from "node:fs/promises";
import { argv, stdin, stdout } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Wallet } from "ethers";

import { takeFile } from "../../../src/cli/files/take-files.js";
import { connect, createClient, type Deployment } from "../../../src/sdk/index.js";
import { allModules, type FullClient } from "../../../src/sdk/modules/index.js";
import { createEmbeddedStore } from "../../../src/storage/node/index.js";
import { openVault } from "../../../src/vault/node/index.js";

/** What a worker is told on its standard input, as one line of JSON, once its turn has come. */
export interface KillTask {
  role: "add" | "take";
  url: string;
  deployment: Deployment;
  privateKey: string;
  vault: string;
  passphrase: string;
  store: { directory: string; participant: string };
  /** For `add`: the patients, and the number of the first note. */
  patients: number[];
  from: number;
  /** For `take`: the files, oldest first. */
  deliveries: string[];
}

/** Every fourth note is shredded as soon as it is there. */
export const isShredded = (note: number): boolean => note % 4 === 3;

export const noteOf = (note: number): string => JSON.stringify({ resourceType: "Basic", id: `note-${note}` });

/** Works until it is killed, and prints a line for each step that it was answered. */
const roles: Record<KillTask["role"], (client: FullClient, task: KillTask) => Promise<void>> = {
  /** Imports some notes after the other. What an earlier process of the same import added, it meets again. */
  async add(client, { patients, from }) {
    for (let note = from; ; note++) {
      const patient = patients[note % patients.length]!;
      const content = new TextEncoder().encode(noteOf(note));
      const { digest, alreadyThere } = await client.addRecord({ patient, category: "CARE", content });
      say(`${alreadyThere ? "there" : "added"} ${note} ${digest}`);
      if (!isShredded(note)) continue;
      await client.shredRecord({ digest });
      say(`shredded ${note} ${digest}`);
    }
  },

  /** Takes deliveries in, one after the other, again and again. */
  async take(client, { deliveries }) {
    for (let turn = 0; ; turn++) {
      const path = deliveries[turn % deliveries.length]!;
      await takeFile(client, path, JSON.parse(await readFile(path, "utf8")));
      say(`taken ${path}`);
    }
  },
};

function say(line: string): void {
  stdout.write(`${line}\n`);
}

// Mocha and Hardhat load every file under test/; only a process started on this file works.
if (argv[1] === fileURLToPath(import.meta.url)) {
  say("loaded");
  for await (const line of createInterface({ input: stdin })) {
    const task = JSON.parse(line) as KillTask;
    const { deployment, vault, passphrase, store, url, privateKey } = task;
    const { chainId, genesisHash, contracts } = deployment;
    say("begun");
    const client = await createClient({
      modules: allModules,
      runner: new Wallet(privateKey, await connect(url)),
      deployment,
      vault: await openVault({
        directory: vault,
        chain: { chainId: BigInt(chainId), genesisHash, contracts },
        passphrase,
      }),
      store: await createEmbeddedStore(store),
    });
    await roles[task.role](client, task);
  }
}
