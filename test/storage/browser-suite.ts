/** Runs in a page of a browser: what every record store does, held against the browser's own, by Mocha; and what only it does. */
import "mocha/mocha.js";
import { assert } from "chai";

import { createBrowserStore } from "../../src/storage/web/index.js";
import { answered, indexedDb, inTransaction, openDatabase } from "../../src/storage/web/indexed-db.js";
import { isChartChainError } from "../../src/errors/index.js";
import { cidOfBlock, createGatewayStore } from "../../src/storage/index.js";
import { assertFails, assertSameBytes, bytesOf, collected, streamOf, task } from "./content.js";
import { recordStoreBehavior } from "./record-store.behavior.js";

export interface Outcome {
  title: string;
  error: string | undefined;
}

const MIB = 1_048_576;
const page = globalThis as unknown as { mocha: BrowserMocha };
type BrowserMocha = Mocha & { setup: (options: object) => void };

page.mocha.setup({ ui: "bdd", reporter: class {}, timeout: 120_000 });

const open = (participant: string, options = {}) =>
  createBrowserStore({ participant, name: "tested", graceMs: 0, ...options });

/** A database of its own, for what a page leaves that went away. */
const CUT_OFF = { name: "cut-off" };

describe("a browser's store", () => {
  recordStoreBehavior((options) => open("alice", options));

  it("is one for all participants, and what another one pinned stays", async () => {
    const [alice, bob] = await Promise.all([open("alice"), open("bob")]);
    const { cid } = await alice.put(streamOf(bytesOf("shared", 2 * MIB)), { pin: true });
    await bob.pin(cid);
    await alice.unpin(cid);
    await alice.gc();
    assertSameBytes(await collected(bob.get(cid)), bytesOf("shared", 2 * MIB));
    for await (const pin of alice.pins()) assert.notEqual(pin, cid);
    await bob.unpin(cid);
    await bob.gc();
    assert.isFalse(await alice.has(cid));
  });

  it("keeps what was put just now, pinned or not, for as long as it was told to", async () => {
    const store = await open("alice", { graceMs: 3_600_000 });
    const { cid } = await store.put(streamOf(bytesOf("graced", 10)));
    await store.gc();
    assert.isTrue(await store.has(cid));
    await (await open("alice")).gc();
    assert.isFalse(await store.has(cid));
  });

  it("has a collection wait for writers, and each for the other no longer than it was told to", async () => {
    const store = await open("alice", { lockWaitMs: 50 });
    const gate = task();
    const source = async function* () {
      yield bytesOf("slow", 100);
      await gate.ended;
    };
    const writing = store.put(source());
    await assertFails(() => store.gc(), "STORE_BUSY");
    gate.end();
    const { cid } = await writing;
    assert.isTrue(await store.has(cid));
    await store.gc();
  });

  it("refuses a label that is none", async () => {
    for (const label of ["", "x".repeat(65)]) await assertFails(() => open(label), "INVALID_PARTICIPANT");
  });
});

Object.assign(globalThis, {
  runSuite: () =>
    new Promise<Outcome[]>((resolve) => {
      const outcomes: Outcome[] = [];
      const runner = page.mocha.run(() => resolve(outcomes));
      runner.on("pass", (test) => void outcomes.push({ title: test.title, error: undefined }));
      runner.on(
        "fail",
        (test, error: Error) => void outcomes.push({ title: test.title, error: error.stack ?? String(error) }),
      );
    }),
  /** How many bytes a gateway gives for a block, or why none. */
  readGateway: async (url: string, cid: string) =>
    createGatewayStore({ url, patienceMs: 60_000 })
      .getBlock(cid)
      .then(
        ({ length }) => length,
        (error: unknown) => (isChartChainError(error) ? error.code : String(error)),
      ),
  /** Puts more than there is room for. */
  async overfill() {
    const store = await open("dave", CUT_OFF);
    const content = bytesOf("too much", 8 * MIB);
    const outcome = await store.put(streamOf(content), { pin: true }).then(
      () => "stored",
      (error: unknown) => (isChartChainError(error) ? error.code : String(error)),
    );
    return { outcome, isHalfThere: await store.has(cidOfBlock(content.subarray(0, MIB))) };
  },
  /** Pins a block, and begins to put a file of which two blocks are written and no third ever comes. */
  async keepAndHang() {
    const store = await open("carol", CUT_OFF);
    await store.putBlock(bytesOf("kept", 100), { pin: true });
    await new Promise<void>((reached) => {
      const source = async function* () {
        yield* streamOf(bytesOf("cut off", 2 * MIB));
        yield new Uint8Array(1);
        reached();
        await new Promise(() => undefined);
      };
      void store.put(source());
    });
  },
  /** What is left of both. */
  async lookAgain() {
    const [store, kept] = [await open("carol", CUT_OFF), cidOfBlock(bytesOf("kept", 100))];
    const written = cidOfBlock(bytesOf("cut off", 2 * MIB).subarray(0, MIB));
    const pins: string[] = [];
    for await (const pin of store.pins()) pins.push(pin);
    const before = await countOfBytes();
    await store.gc();
    return {
      ...{ kept: await store.has(kept), isPinned: pins.includes(kept), isHalfThere: await store.has(written) },
      collected: before - (await countOfBytes()),
    };
  },
});

/** How many blocks' bytes lie in the database, whether seen or not. */
async function countOfBytes(): Promise<number> {
  const database = await openDatabase(indexedDb()!, CUT_OFF.name, () => undefined);
  const keys = await inTransaction(database, ["bytes"], "readonly", ({ bytes }) => answered(bytes.getAllKeys()));
  database.close();
  return keys.length;
}
