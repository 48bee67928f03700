import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { StoreLock } from "../../src/storage/node/store-lock.js";
import { assertFails, task } from "./content.js";
import { startWorker } from "./processes.js";

describe("store lock", () => {
  let folder: string;
  let lock: StoreLock;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-lock-"));
    lock = new StoreLock(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("lets writers work side by side", async () => {
    const first = task();
    const held = lock.shared(1_000, () => first.ended);
    assert.equal(await lock.shared(1_000, async () => "both"), "both");
    first.end();
    await held;
  });

  it("keeps a collector out while a writer works", async () => {
    const writer = task();
    const held = lock.shared(1_000, () => writer.ended);
    await assertFails(() => lock.exclusive(60, async () => undefined), "STORE_BUSY");
    writer.end();
    await held;
    assert.equal(await lock.exclusive(1_000, async () => "alone"), "alone");
  });

  it("keeps writers and other collectors out while a collector works", async () => {
    const collector = task();
    const held = lock.exclusive(1_000, () => collector.ended);
    await assertFails(() => lock.shared(60, async () => undefined), "STORE_BUSY");
    await assertFails(() => new StoreLock(folder).exclusive(60, async () => undefined), "STORE_BUSY");
    collector.end();
    await held;
    assert.equal(await lock.shared(1_000, async () => "again"), "again");
  });

  it("does not let writers that come later starve a collector", async () => {
    const order: string[] = [];
    const early = task();
    const writing = lock.shared(5_000, () => early.ended);
    const collecting = lock.exclusive(5_000, async () => order.push("collector"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const late = lock.shared(5_000, async () => order.push("late writer"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    early.end();
    await Promise.all([writing, collecting, late]);

    assert.deepEqual(order, ["collector", "late writer"]);
  });

  it("is free again after its work failed", async () => {
    const failing = lock.exclusive(1_000, () => Promise.reject(new Error("no")));
    assert.equal(await failing.catch((error: unknown) => (error as Error).message), "no");
    assert.equal(await lock.exclusive(1_000, async () => "free"), "free");
  });

  it("holds against another process, and is free once that process was killed", async () => {
    const other = startWorker(["hold-lock", folder]);
    await other.printed(1);
    await assertFails(() => lock.shared(60, async () => undefined), "STORE_BUSY");
    await other.kill();
    assert.equal(await lock.shared(1_000, async () => "free"), "free");
  });

  it("says that it cannot work in a folder that is not there", async () => {
    await assertFails(() => new StoreLock(join(folder, "gone")).shared(60, async () => undefined), "STORE_FAILED");
  });
});
