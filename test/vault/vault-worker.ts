import { once } from "node:events";
import { argv, stdin, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { isChartChainError } from "../../src/errors/index.js";
import type { Vault } from "../../src/vault/index.js";
import { type OpenVaultOptions, openVault } from "../../src/vault/node/index.js";
import { CHAIN, COST, PASSPHRASE, digestOf, envelope, idOf, openDatabase } from "./helpers.js";

/** One of several processes on a vault, started by the tests with a role; it prints a line per step acknowledged. */
const roles: Record<string, (directory: string) => Promise<void>> = {
  /** Stores until it is killed, or who started it is gone: each round one transaction over four tables, and every third a shredding. */
  async write(directory) {
    const vault = await open(directory);
    // Its input's end would never be heard of: nothing in here waits. Whose parent is gone has another one.
    const parent = process.ppid;
    for (let round = vault.releases.size; process.ppid === parent; round++) {
      writeRound(vault, round);
      say(`stored ${round}`);
      if (round % 3 !== 2) continue;
      vault.shred(digestOf(round - 1), { participant: 17 });
      say(`shredded ${round - 1}`);
    }
  },

  /** Opens the vault and keeps it until its input ends. */
  async hold(directory) {
    const vault = await open(directory);
    say("open");
    await once(stdin.resume(), "end");
    vault.close();
  },

  /** Tries to open the vault and says how that went. */
  async try(directory) {
    try {
      (await open(directory)).close();
      say("opened");
    } catch (error) {
      say(isChartChainError(error) ? error.code : String(error));
    }
  },

  /** Stores until it is refused, then says why, and that what was stored can still be read. */
  async fill(directory) {
    const vault = await open(directory);
    let stored = 0;
    try {
      for (; ; stored++) vault.envelopes.put(envelope(stored));
    } catch (error) {
      say(isChartChainError(error) ? error.code : String(error));
    }
    const readable = vault.envelopes.list().filter(({ digest }) => vault.envelopes.get(digest) !== undefined);
    say(readable.length === stored ? "all readable" : `${readable.length} of ${stored} readable`);
  },

  /** Does what a shredding does up to its commit, and is killed right then. */
  async "die-before-scrub"(directory) {
    const database = openDatabase(`${directory}/vault.sqlite`);
    database.exec("PRAGMA secure_delete = ON");
    database.transaction(() => {
      database.run("UPDATE erasable_keys SET key = zeroblob(32)");
      database.run("DELETE FROM envelopes");
    });
    process.kill(process.pid, "SIGKILL");
  },
};

/** What round `round` stores. */
export function writeRound(vault: Vault, round: number): void {
  vault.transaction(() => {
    const bytes = Buffer.concat([digestOf(`bytes ${round}`), Buffer.alloc(1000)]);
    vault.envelopes.put(envelope(round, { bytes }));
    vault.releases.append({
      ...{ patient: 17, recipient: 9, purpose: 0, compartmentIds: [idOf(round)], wrapDigests: [], at: round },
      block: { number: round, hash: CHAIN.genesisHash },
    });
    vault.inbox.markSeen(digestOf(round));
    vault.cursors.set("rounds", { block: round, hash: CHAIN.genesisHash });
  });
}

async function open(directory: string, options: Partial<OpenVaultOptions> = {}): Promise<Vault> {
  return openVault({ directory, chain: CHAIN, passphrase: PASSPHRASE, create: true, cost: COST, ...options });
}

function say(line: string): void {
  stdout.write(`${line}\n`);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [, , role = "", directory = ""] = argv;
  await roles[role]?.(directory);
}
