import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FsBlockstore } from "blockstore-fs";
import { assert } from "chai";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { BlockFolder } from "../../src/storage/node/block-folder.js";
import { cidOfBlock, type RecordStore } from "../../src/storage/index.js";
import { createEmbeddedStore, type EmbeddedStoreOptions } from "../../src/storage/node/index.js";
import {
  assertFails,
  assertSameBytes,
  bytesOf,
  carWith,
  collected,
  fileBlock,
  rawBlock,
  streamOf,
  task,
} from "./content.js";
import { startWorker } from "./processes.js";
import { recordStoreBehavior } from "./record-store.behavior.js";

const MIB = 1_048_576;
const DAY_MS = 86_400_000;

describe("embedded store", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "chartchain-store-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const open = (participant: string, options: Partial<EmbeddedStoreOptions> = {}): Promise<RecordStore> =>
    createEmbeddedStore({ directory, participant, graceMs: 0, ...options });
  const fileOf = (cid: string) => new BlockFolder(directory).pathOf(CID.parse(cid));
  const pinsOf = async (store: RecordStore) => {
    const cids: string[] = [];
    for await (const cid of store.pins()) cids.push(cid);
    return cids.sort();
  };

  recordStoreBehavior((options) => open("alice", options));

  it("takes little memory for content of any size", async () => {
    // A process of its own: in this one every look at the memory goes through what all tests have left.
    const worker = startWorker(["memory", directory, "alice", "256"]);
    await worker.done();

    const [peak, read] = worker.lines.map(Number);
    assert.equal(read, 256 * MIB);
    assert.isBelow(peak!, 128 * MIB);
  });

  describe("on disk", () => {
    it("can be read by any blockstore-fs", async () => {
      const store = await open("alice");
      const { cid } = await store.put(streamOf(bytesOf("interop", MIB + 9)));
      const plain = new FsBlockstore(join(directory, "blocks"));

      assertSameBytes(await collected(plain.get(CID.parse(cid))), await store.getBlock(cid));
    });

    it("is kept from other users of the machine", async function () {
      if (process.platform === "win32") {
        console.log("      skipped: Windows has no file modes");
        this.skip();
      }
      await chmod(directory, 0o755);
      const store = await createEmbeddedStore({ directory: join(directory, "new"), participant: "alice" });
      const cid = await store.putBlock(bytesOf("mode", 10));

      assert.equal((await stat(join(directory, "new", "blocks"))).mode & 0o077, 0);
      assert.equal((await stat(new BlockFolder(join(directory, "new")).pathOf(CID.parse(cid)))).mode & 0o077, 0);
    });

    it("leaves nothing aside when a put ends, well or not", async () => {
      const store = await open("alice");
      async function* failing() {
        yield bytesOf("half", 2 * MIB);
        throw new Error("gone");
      }
      await store.put(streamOf(bytesOf("whole", 2 * MIB)));
      const before = await listed(directory);
      await store.put(failing()).catch(() => undefined);

      assert.deepEqual(await readdir(join(directory, "tmp")), []);
      assert.deepEqual(await listed(directory), before);
    });
  });

  describe("damaged blocks", () => {
    it("are refused for every single bit that flips", async () => {
      const store = await open("alice");
      const leaf = await store.putBlock(bytesOf("flips", 100));
      const { cid: root } = await store.put(streamOf(bytesOf("flips", MIB + 1)));
      assert.notEqual(leaf, root);

      for (const cid of [leaf, root]) {
        const path = fileOf(cid);
        const good = await readFile(path);
        for (let bit = 0; bit < good.length * 8; bit++) {
          const bad = Buffer.from(good);
          bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          await writeFile(path, bad);
          await assertFails(() => store.get(cid), "BLOCK_CORRUPT");
        }
        await writeFile(path, good);
        await collected(store.get(cid));
      }
    });

    it("are refused for any bit of a full leaf, in every way to read it", async () => {
      const store = await open("alice");
      const cid = await store.putBlock(bytesOf("leaf", MIB));
      const good = await readFile(fileOf(cid));

      await fc.assert(
        fc.asyncProperty(fc.nat(MIB * 8 - 1), async (bit) => {
          const bad = Buffer.from(good);
          bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          await writeFile(fileOf(cid), bad);
          await assertFails(() => store.get(cid, { offset: 5, length: 1 }), "BLOCK_CORRUPT");
          await assertFails(() => store.getBlock(cid), "BLOCK_CORRUPT");
          await assertFails(() => store.exportCar(cid), "BLOCK_CORRUPT");
        }),
        { numRuns: 20 },
      );
    });

    it("are refused when cut short, grown or replaced by something huge", async () => {
      const store = await open("alice");
      const cid = await store.putBlock(bytesOf("cut", 1_000));
      for (const size of [0, 999, 1_001, 2 * MIB]) {
        await truncate(fileOf(cid), size);
        await assertFails(() => store.getBlock(cid), "BLOCK_CORRUPT");
      }
      await truncate(fileOf(cid), 1_000 * MIB);
      await assertFails(() => store.getBlock(cid), "BLOCK_TOO_LARGE");
    });

    it("are replaced when the content is put again", async () => {
      const store = await open("alice");
      const content = bytesOf("repair", MIB + 5);
      const { cid } = await store.put(streamOf(content));
      const leaf = fileOf(cidOfBlock(content.subarray(0, MIB)));
      for (const damage of [() => truncate(leaf, 10), () => truncate(leaf, 3 * MIB), () => rm(leaf)]) {
        await damage();
        await store.put(streamOf(content));
        assertSameBytes(await collected(store.get(cid)), content);
      }
    });

    it("that are gone are missed on the way", async () => {
      const store = await open("alice");
      const content = bytesOf("gone", 3 * MIB);
      const { cid } = await store.put(streamOf(content));
      await rm(fileOf(cidOfBlock(content.subarray(MIB, 2 * MIB))));

      let taken = 0;
      await assertFails(async () => {
        for await (const chunk of store.get(cid)) taken += chunk.length;
      }, "BLOCK_MISSING");
      assert.equal(taken, MIB);
      await assertFails(() => store.pin(cid), "BLOCK_MISSING");
      assert.deepEqual(await pinsOf(store), []);
    });
  });

  describe("pins of several participants", () => {
    it("are each participant's own", async () => {
      const [alice, insurer] = await Promise.all([open("alice"), open("insurer")]);
      const cid = await alice.putBlock(bytesOf("own", 10), { pin: true });
      const other = await insurer.putBlock(bytesOf("other", 10), { pin: true });

      assert.deepEqual(await pinsOf(alice), [cid]);
      assert.deepEqual(await pinsOf(insurer), [other]);
    });

    it("all keep content from collection, until the last is released", async () => {
      const [alice, insurer] = await Promise.all([open("alice"), open("insurer")]);
      const { cid } = await alice.put(streamOf(bytesOf("both", 2 * MIB)), { pin: true });
      await insurer.pin(cid);

      await alice.unpin(cid);
      await alice.gc();
      assertSameBytes(await collected(insurer.get(cid)), bytesOf("both", 2 * MIB));

      await insurer.unpin(cid);
      const sizes = await Promise.all((await listed(join(directory, "blocks"))).map((path) => stat(path)));
      const total = sizes.reduce((sum, { size }) => sum + size, 0);
      const { removed, bytes } = await alice.gc();
      assert.equal(removed, 3);
      assert.equal(bytes, total);
    });

    it("survive reopening", async () => {
      const first = await open("alice");
      const cid = await first.putBlock(bytesOf("again", 10), { pin: true });
      await first.close();

      assert.deepEqual(await pinsOf(await open("alice")), [cid]);
    });

    it("never meet, whatever the labels", async () => {
      const labels = ["alice", "Alice", "ALICE", "a/b", "../alice", "..", ".", "%61lice", "ålice", "a b", "a\0b"];
      const stores = await Promise.all(labels.map((label) => open(label)));
      for (const [index, store] of stores.entries()) await store.putBlock(bytesOf(`label ${index}`, 5), { pin: true });

      for (const [index, store] of stores.entries())
        assert.deepEqual(await pinsOf(store), [cidOfBlock(bytesOf(`label ${index}`, 5))]);
      const folders = await readdir(join(directory, "pins"));
      assert.lengthOf(new Set(folders.map((name) => name.toLowerCase())), labels.length);
      assert.sameMembers(await readdir(directory), ["blocks", "locks", "pins", "tmp"]);
    });

    it("need a label of 1 to 64 bytes", async () => {
      for (const label of ["", "x".repeat(65), "å".repeat(33)])
        await assertFails(() => open(label), "INVALID_PARTICIPANT");
    });

    it("are not mistaken for what else lies in the folder", async () => {
      const store = await open("alice");
      const cid = await store.putBlock(bytesOf("stray", 10), { pin: true });
      await writeFile(join(directory, "pins", ".DS_Store"), "");
      await writeFile(join(directory, "pins", "alice", "notes.txt"), "");
      await writeFile(join(directory, "blocks", ".DS_Store"), "");
      await writeFile(`${fileOf(cid)}.bak`, "");

      assert.deepEqual(await pinsOf(store), [cid]);
      assert.deepEqual(await store.gc(), { removed: 0, bytes: 0 });
    });
  });

  describe("collection", () => {
    it("spares what was written within the grace period", async () => {
      const store = await open("alice", { graceMs: DAY_MS });
      const fresh = await store.putBlock(bytesOf("fresh", 10));
      const stale = await store.putBlock(bytesOf("stale", 10));
      const again = await store.putBlock(bytesOf("again", 10));
      for (const cid of [stale, again]) await backdate(fileOf(cid));
      await store.putBlock(bytesOf("again", 10));

      assert.deepEqual(await store.gc(), { removed: 1, bytes: 10 });
      assert.deepEqual(await Promise.all([fresh, stale, again].map((cid) => store.has(cid))), [true, false, true]);
    });

    it("removes nothing while a pinned DAG cannot be followed", async () => {
      const store = await open("alice");
      const { cid } = await store.put(streamOf(bytesOf("broken", 2 * MIB)), { pin: true });
      const loose = await store.putBlock(bytesOf("loose", 10));
      const root = await readFile(fileOf(cid));

      await writeFile(fileOf(cid), "junk");
      await assertFails(() => store.gc(), "BLOCK_CORRUPT");
      await rm(fileOf(cid));
      await assertFails(() => store.gc(), "BLOCK_MISSING");
      assert.isTrue(await store.has(loose));

      await writeFile(fileOf(cid), root);
      assert.equal((await store.gc()).removed, 1);
    });

    it("waits for writers and gives up in the end", async () => {
      const store = await open("alice", { lockWaitMs: 50 });
      const rest = task();
      async function* slow() {
        yield bytesOf("slow", 10);
        await rest.ended;
      }
      const writing = store.put(slow());
      await assertFails(() => store.gc(), "STORE_BUSY");
      rest.end();

      assertSameBytes(await collected(store.get((await writing).cid)), bytesOf("slow", 10));
    });
  });

  describe("CAR", () => {
    it("may rely on blocks that are held already", async () => {
      const store = await open("alice");
      const leaf = rawBlock(bytesOf("held", 10));
      const root = fileBlock([leaf.cid], [10n]);
      await store.putBlock(leaf.bytes);

      await store.importCar(streamOf(await carWith([root.cid], [root])));
      assertSameBytes(await collected(store.get(root.cid.toString())), leaf.bytes);
    });

    it("repairs a damaged block", async () => {
      const store = await open("alice");
      const { cid } = await store.put(streamOf(bytesOf("mend", MIB + 1)));
      const car = await collected(store.exportCar(cid));
      await writeFile(fileOf(cid), "junk");

      await store.importCar(streamOf(car));
      assertSameBytes(await collected(store.get(cid)), bytesOf("mend", MIB + 1));
    });
  });

  describe("several processes", () => {
    it("lose nothing that was put and pinned at once, while two collect without grace", async () => {
      const rounds = 12;
      const collectors = ["c1", "c2"].map((name) => startWorker(["collect", directory, name, "0"]));
      await Promise.all(collectors.map((collector) => collector.printed(1)));
      const writers = ["alice", "insurer"].map((name) => startWorker(["pin-at-once", directory, name, String(rounds)]));
      await Promise.all(writers.map((writer) => writer.done()));
      for (const collector of collectors) collector.process.stdin?.end();
      await Promise.all(collectors.map((collector) => collector.done()));

      for (const [index, name] of ["alice", "insurer"].entries()) {
        const store = await open(name);
        await store.gc();
        const lines = writers[index]?.lines ?? [];
        assert.lengthOf(lines, 8);
        assert.deepEqual(await pinsOf(store), lines.map((line) => line.split(" ")[1] ?? "").sort());
        for (const line of lines) {
          const [round = "", cid = ""] = line.split(" ");
          assertSameBytes(await collected(store.get(cid)), bytesOf(`shared ${round}`, 1_100_000));
        }
      }
      // What only ever was pinned for a moment is gone: the collectors did work.
      const store = await open("alice");
      assert.isFalse(await store.has(cidOfBlock(bytesOf("shared 2", 1_100_000).subarray(0, MIB))));
    });

    it("lose nothing old that is put again and pinned later, while one collects with grace", async () => {
      const rounds = 12;
      const store = await open("alice");
      for (let round = 0; round < 2 * rounds; round++) await store.put(streamOf(bytesOf(`shared ${round}`, 1_100_000)));
      for (const path of await listed(join(directory, "blocks"))) await backdate(path);

      const writers = ["alice", "insurer"].map((name) => startWorker(["pin-later", directory, name, String(rounds)]));
      const collector = startWorker(["collect", directory, "collector", String(DAY_MS / 2)]);
      await Promise.all(writers.map((writer) => writer.done()));
      collector.process.stdin?.end();
      await collector.done();

      for (const writer of writers) {
        assert.lengthOf(writer.lines, rounds);
        for (const line of writer.lines) {
          const [round = "", cid = ""] = line.split(" ");
          assertSameBytes(await collected(store.get(cid)), bytesOf(`shared ${round}`, 1_100_000));
        }
      }
      assert.isFalse(await store.has(cidOfBlock(bytesOf(`shared ${rounds}`, 1_100_000).subarray(0, MIB))));
    });

    it("keep every acknowledged put readable after kill -9, and the folder usable", async () => {
      const pinned = await (await open("alice")).putBlock(bytesOf("pinned", 10), { pin: true });
      const writer = startWorker(["put-forever", directory, "insurer"]);
      await writer.printed(5);
      await writer.kill();

      const store = await open("alice", { graceMs: DAY_MS });
      assert.equal((await store.gc()).removed, 0);
      assert.deepEqual(await readdir(join(directory, "tmp")), []);
      for (const cid of writer.lines) {
        assert.lengthOf(await collected(store.get(cid)), 1_500_000);
        await store.pin(cid);
      }
      assert.isAtLeast((await pinsOf(store)).length, 6);
      assert.include(await pinsOf(store), pinned);
      await (await open("alice")).gc();
      for (const cid of writer.lines) assert.lengthOf(await collected(store.get(cid)), 1_500_000);
    });
  });

  describe("faults of the disk", () => {
    it("refuse a put for which there is no room, and leave nothing of it", async function () {
      if (process.platform === "win32") {
        console.log("      skipped: Windows has no ulimit to run out of room with");
        this.skip();
      }
      await open("alice");
      const before = await listed(directory);
      const worker = startWorker(["put-once", directory, "alice", String(3 * MIB)], 1_024);
      await worker.done();

      assert.deepEqual(worker.lines, ["STORE_FULL"]);
      assert.deepEqual(
        (await listed(directory)).filter((path) => !path.includes(".lock")),
        before,
      );
    });

    it("say that a folder cannot be made", async () => {
      await writeFile(join(directory, "file"), "");
      await assertFails(() => open("alice", { directory: join(directory, "file") }), "STORE_FAILED");
    });

    it("say that a block cannot be read", async () => {
      const store = await open("alice");
      const cid = cidOfBlock(bytesOf("folder", 10));
      await mkdir(fileOf(cid), { recursive: true });
      await assertFails(() => store.getBlock(cid), "STORE_FAILED");
    });
  });
});

/** Every file under a folder. */
async function listed(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function backdate(path: string): Promise<void> {
  const yesterday = new Date(Date.now() - DAY_MS);
  await utimes(path, yesterday, yesterday);
}
