import { randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { argv, stdin, stdout } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createEmbeddedStore } from "../../src/storage/node/index.js";
import { StoreLock } from "../../src/storage/node/store-lock.js";
import { bytesOf, carWith, rawBlock, streamOf, streamOfSize } from "./content.js";
import { watchMemory } from "./memory.js";

/**
 * One of several processes on a store's folder, started by the tests with a role. It prints one line per step that was
 * acknowledged and ends by itself, when its input ends, or when it is killed.
 */
const roles: Record<string, (directory: string, participant: string, rounds: number) => Promise<void>> = {
  /** Puts and pins in one step what others put too, and releases every third again. */
  async "pin-at-once"(directory, participant, rounds) {
    const store = await createEmbeddedStore({ directory, participant, lockWaitMs: 60_000 });
    for (let round = 0; round < rounds; round++) {
      const { cid } = await store.put(streamOf(bytesOf(`shared ${round}`, 1_100_000)), { pin: true });
      if (round % 3 === 2) await store.unpin(cid);
      else say(`${round} ${cid}`);
    }
  },

  /** Puts and reads so many MiB, and prints how many bytes it held at the most and how many it read. */
  async memory(directory, participant, mebibytes) {
    const store = await createEmbeddedStore({ directory, participant });
    const memory = watchMemory();
    const { cid } = await store.put(streamOfSize("memory", mebibytes * 1_048_576));
    let read = 0;
    for await (const chunk of store.get(cid)) read += chunk.length;
    say(String(memory.peak()));
    say(String(read));
    await store.close();
  },

  /** Puts again what lies there unpinned for long, and pins it in a second step. */
  async "pin-later"(directory, participant, rounds) {
    const store = await createEmbeddedStore({ directory, participant, lockWaitMs: 60_000 });
    for (let round = 0; round < rounds; round++) {
      const { cid } = await store.put(streamOf(bytesOf(`shared ${round}`, 1_100_000)));
      await store.pin(cid);
      say(`${round} ${cid}`);
    }
  },

  /** Collects again and again, with a breath between. */
  async collect(directory, participant, graceMs) {
    const store = await createEmbeddedStore({ directory, participant, lockWaitMs: 60_000, graceMs });
    let open = true;
    stdin.on("end", () => (open = false)).resume();
    while (open) {
      say(`removed ${(await store.gc()).removed}`);
      await sleep(10);
    }
  },

  /** Puts without pinning until it is killed. */
  async "put-forever"(directory, participant) {
    const store = await createEmbeddedStore({ directory, participant });
    for (;;) say((await store.put(streamOf(Uint8Array.from(randomBytes(1_500_000))))).cid);
  },

  /** Puts one file of this many bytes and says how it ended. */
  async "put-once"(directory, participant, size) {
    const store = await createEmbeddedStore({ directory, participant });
    const ended = store.put(streamOf(bytesOf("large", size)));
    say(
      await ended.then(
        ({ cid }) => cid,
        (error: unknown) => (error as { code: string }).code,
      ),
    );
  },

  /**
   * Imports a CAR of so many blocks of four bytes, and prints how that ended, the CAR's size, and how many bytes the store's
   * folder and this process's buffers took at the most.
   */
  async "import-tiny"(directory, participant, count) {
    const store = await createEmbeddedStore({ directory, participant });
    const blocks = Array.from({ length: count }, (_, at) => rawBlock(Uint8Array.of(at >> 24, at >> 16, at >> 8, at)));
    const car = await carWith([blocks[0]!.cid], blocks);
    const memory = watchMemory();
    let onDisk = 0;
    const look = async () => {
      const names = await readdir(directory, { recursive: true });
      // The unit of stat's blocks is 512 bytes everywhere.
      const sizes = await Promise.all(names.map((name) => stat(join(directory, name)).catch(() => ({ blocks: 0 }))));
      onDisk = Math.max(onDisk, 512 * sizes.reduce((sum, { blocks: taken }) => sum + taken, 0));
    };
    const watched = async function* () {
      for await (const chunk of streamOf(car, 4_096)) {
        await look();
        yield chunk;
      }
    };
    const outcome = await store.importCar(watched()).then(
      () => "stored",
      (error: unknown) => (error as { code: string }).code,
    );
    await look();
    for (const line of [outcome, car.length, onDisk, memory.peak()]) say(String(line));
  },

  /** Holds the exclusive lock until it is killed. */
  async "hold-lock"(directory) {
    await new StoreLock(directory).exclusive(10_000, async () => {
      say("held");
      await sleep(600_000);
    });
  },
};

function say(line: string): void {
  stdout.write(`${line}\n`);
}

// Mocha and Hardhat load every file under test/; only a process started on this file has a role.
if (argv[1] === fileURLToPath(import.meta.url)) {
  const [, , role = "", directory = "", participant = "", count = "0"] = argv;
  const run = roles[role];
  if (run === undefined) throw new Error(`no such role: ${role}`);
  await run(directory, participant, Number(count));
}
