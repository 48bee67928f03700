import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Vault } from "../../src/vault/index.js";
import { digestOf, workspace } from "./helpers.js";
import { commandOf, startWorker } from "./processes.js";

const KILLS = 30;
const FOLDERS = 2;

describe("a process killed at any moment", () => {
  const { directory: newDirectory, open } = workspace();

  it(`loses nothing that it acknowledged, and stores no half transaction, ${KILLS} times`, async () => {
    await Promise.all(Array.from({ length: FOLDERS }, () => killRepeatedly(newDirectory(), KILLS / FOLDERS)));
  });

  it("leaves no worker behind when it is the tests' own", async () => {
    // Another process starts the worker, tells its number, and is gone.
    const starter = spawn("sh", ["-c", '"$@" & echo $!; wait', "sh", ...commandOf("write", newDirectory())], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: starter.stdout })[Symbol.asyncIterator]();
    const worker = Number((await lines.next()).value);
    let isOver = false;
    try {
      expect((await lines.next()).value, "it is at work").to.equal("stored 0");
      starter.kill("SIGKILL");
      // What it prints ends with it.
      while (!(await lines.next()).done);
      isOver = true;
    } finally {
      if (!isOver) process.kill(worker, "SIGKILL");
    }
  });

  async function killRepeatedly(directory: string, kills: number): Promise<void> {
    const acknowledged: string[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const worker = startWorker("write", directory);
      await worker.printed(1 + ((kill * 7) % 23));
      await sleep(Math.random() * 30);
      await worker.kill();
      acknowledged.push(...worker.lines);
      const vault = await open(directory);
      check(vault, acknowledged);
      vault.close();
    }
    expect(acknowledged.length).to.be.greaterThan(kills * 5);
  }

  function check(vault: Vault, acknowledged: string[]): void {
    const rounds = vault.releases.size;
    expect(vault.cursors.get("rounds")?.block, "all tables are of the same round").to.equal(rounds - 1);
    expect(vault.inbox.list()).to.have.length(rounds);
    const live = vault.envelopes.list().length;
    expect(live + vault.tombstones.list().length).to.equal(rounds);
    for (const line of acknowledged) {
      const [what, round] = line.split(" ") as [string, string];
      const digest = digestOf(Number(round));
      if (what === "shredded") {
        expect(vault.tombstones.has(digest), line).to.equal(true);
        expect(vault.envelopes.get(digest), line).to.equal(undefined);
      } else if (!vault.tombstones.has(digest)) {
        expect(vault.envelopes.get(digest)?.bytes.slice(0, 32), line).to.deep.equal(digestOf(`bytes ${round}`));
      }
    }
  }
});
