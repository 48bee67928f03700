import { assert } from "chai";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { cidOfBlock, type RecordStore } from "../../src/storage/index.js";
import {
  assertFails,
  assertSameBytes,
  bytesOf,
  carWith,
  CHAIN_BYTES,
  chainOf,
  collected,
  fileBlock,
  madeCid,
  type MadeBlock,
  rawBlock,
  streamOf,
} from "./content.js";

const MIB = 1_048_576;

/**
 * What every record store does, whatever is behind it.
 *
 * @param open - opens the store under test, with collection free to take everything unpinned; content is different in
 *   every test, so the stores may share what is behind them.
 */
export function recordStoreBehavior(
  open: (options: { maxBytes?: number }) => RecordStore | Promise<RecordStore>,
): void {
  let store: RecordStore;
  let seed: string;

  beforeEach(async () => {
    seed = globalThis.crypto.randomUUID();
    store = await open({});
  });
  afterEach(() => store.close());

  const put = (size: number, chunk?: number) => store.put(streamOf(bytesOf(seed, size), chunk));
  const pinned = async () => {
    const cids: string[] = [];
    for await (const cid of store.pins()) cids.push(cid);
    return cids;
  };
  const importMade = async (blocks: MadeBlock[]) => {
    const [root] = blocks;
    assert.isDefined(root);
    await store.importCar(streamOf(await carWith([root.cid], blocks)));
    return root.cid.toString();
  };

  describe("put and get", () => {
    for (const size of [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
      it(`returns ${size} bytes as they were put`, async () => {
        const { cid, size: counted } = await put(size);

        assert.equal(counted, size);
        assertSameBytes(await collected(store.get(cid)), bytesOf(seed, size));
      });

    it("gives one block of up to 1 MiB the CID of its digest", async () => {
      for (const size of [0, 1, MIB]) assert.equal((await put(size)).cid, cidOfBlock(bytesOf(seed, size)));
    });

    it("gives the same CID however the stream is cut into chunks", async () => {
      const cids = [];
      for (const chunk of [4_099, 65_536, MIB, 3 * MIB]) cids.push((await put(2 * MIB + 5, chunk)).cid);

      assert.lengthOf([...new Set(cids)], 1);
    });

    it("keeps equal blocks of one file apart by position only", async () => {
      const zeros = new Uint8Array(3 * MIB);
      const { cid } = await store.put(streamOf(zeros, MIB));

      assertSameBytes(await collected(store.get(cid)), zeros);
    });

    it("returns any range", async () => {
      const size = 3 * MIB + 7;
      const whole = bytesOf(seed, size);
      const { cid } = await put(size);
      const edge = fc.constantFrom(0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB, size - 1, size);
      const at = fc.oneof(edge, fc.integer({ min: 0, max: size }));

      await fc.assert(
        fc.asyncProperty(at, at, async (offset, length) => {
          assertSameBytes(await collected(store.get(cid, { offset, length })), whole.subarray(offset, offset + length));
        }),
        { numRuns: 40 },
      );
    });

    it("refuses an offset past the end", async () => {
      const { cid } = await put(10);
      await assertFails(() => store.get(cid, { offset: 11 }), "INVALID_RANGE");
    });

    it("refuses a range that is not in whole bytes", async () => {
      const { cid } = await put(10);
      for (const range of [{ offset: -1 }, { offset: 0.5 }, { length: -1 }, { length: Number.NaN }])
        await assertFails(() => store.get(cid, range), "INVALID_RANGE");
    });

    it("lets a consumer leave early", async () => {
      const { cid } = await put(3 * MIB);
      for await (const chunk of store.get(cid)) {
        assertSameBytes(chunk, bytesOf(seed, MIB));
        break;
      }
    });

    it("passes the fault of a source on and stores nothing that it is asked for", async () => {
      const fault = new Error("the scanner was unplugged");
      async function* failing() {
        yield bytesOf(seed, MIB + 1);
        throw fault;
      }
      const error = await store.put(failing()).catch((caught: unknown) => caught);

      assert.strictEqual(error, fault);
    });

    it("stops a put when its signal fires", async () => {
      const controller = new AbortController();
      const reason = new Error("the user went away");
      async function* endless() {
        for (let part = 0; ; part++) {
          if (part === 3) controller.abort(reason);
          yield bytesOf(`${seed}${part}`, MIB);
        }
      }
      const error = await store.put(endless(), { signal: controller.signal }).catch((caught: unknown) => caught);

      assert.strictEqual(error, reason);
    });

    it("stops a get when its signal fires", async () => {
      const { cid } = await put(4 * MIB);
      const controller = new AbortController();
      const reason = new Error("enough");
      let read = 0;
      const reading = async () => {
        for await (const chunk of store.get(cid, { signal: controller.signal })) {
          read += chunk.length;
          controller.abort(reason);
        }
      };
      const error = await reading().catch((caught: unknown) => caught);

      assert.strictEqual(error, reason);
      assert.isBelow(read, 4 * MIB);
    });

    it("refuses to put more than maxBytes", async () => {
      const small = await open({ maxBytes: MIB });
      await small.put(streamOf(bytesOf(seed, MIB)));
      await assertFails(() => small.put(streamOf(bytesOf(seed, MIB + 1))), "BLOCK_TOO_LARGE");
    });

    it("refuses to read content that declares more than maxBytes", async () => {
      const { cid } = await put(2 * MIB);
      await assertFails(() => store.get(cid, { maxBytes: 2 * MIB - 1 }), "BLOCK_TOO_LARGE");
    });
  });

  describe("single blocks", () => {
    it("stores a block under the CID of its digest", async () => {
      const cid = await store.putBlock(bytesOf(seed, 1_000));

      assert.equal(cid, cidOfBlock(bytesOf(seed, 1_000)));
      assertSameBytes(await store.getBlock(cid), bytesOf(seed, 1_000));
    });

    it("takes 1 MiB and not one byte more", async () => {
      await store.putBlock(bytesOf(seed, MIB));
      await assertFails(() => store.putBlock(bytesOf(seed, MIB + 1)), "BLOCK_TOO_LARGE");
    });

    it("says that a block is missing", async () => {
      const cid = cidOfBlock(bytesOf(seed, 5));

      await assertFails(() => store.getBlock(cid), "BLOCK_MISSING");
      await assertFails(() => store.get(cid), "BLOCK_MISSING");
      await assertFails(() => store.exportCar(cid), "BLOCK_MISSING");
    });

    it("knows which blocks it has", async () => {
      const cid = cidOfBlock(bytesOf(seed, 5));
      assert.isFalse(await store.has(cid));

      await store.putBlock(bytesOf(seed, 5));
      assert.isTrue(await store.has(cid));
    });
  });

  describe("pins and collection", () => {
    it("lists what was pinned, once, until it is unpinned", async () => {
      const { cid } = await put(10);
      await store.pin(cid);
      await store.pin(cid);
      assert.lengthOf(
        (await pinned()).filter((each) => each === cid),
        1,
      );

      await store.unpin(cid);
      assert.notInclude(await pinned(), cid);
    });

    it("pins in the same step as it puts, when asked to", async () => {
      const { cid } = await store.put(streamOf(bytesOf(seed, MIB + 1)), { pin: true });
      const block = await store.putBlock(bytesOf(seed, 9), { pin: true });

      assert.includeMembers(await pinned(), [cid, block]);
    });

    it("takes the unpinning of what is not pinned for done", async () => {
      await store.unpin(cidOfBlock(bytesOf(seed, 5)));
    });

    it("refuses to pin what it does not hold", async () => {
      const cid = cidOfBlock(bytesOf(seed, 5));

      await assertFails(() => store.pin(cid), "BLOCK_MISSING");
      assert.notInclude(await pinned(), cid);
    });

    it("collects what nobody pinned and nothing else", async () => {
      const kept = await put(2 * MIB + 1);
      await store.pin(kept.cid);
      const dropped = await store.put(streamOf(bytesOf(`${seed} dropped`, 2 * MIB)));

      const { removed, bytes } = await store.gc();

      assert.isAtLeast(removed, 3);
      assert.isAbove(bytes, MIB);
      await assertFails(() => store.get(dropped.cid), "BLOCK_MISSING");
      assertSameBytes(await collected(store.get(kept.cid)), bytesOf(seed, 2 * MIB + 1));
    });

    it("collects what was unpinned", async () => {
      const { cid } = await put(10);
      await store.pin(cid);
      await store.unpin(cid);
      await store.gc();

      assert.isFalse(await store.has(cid));
    });
  });

  describe("CAR", () => {
    it("carries content from one store to another", async () => {
      const { cid } = await put(2 * MIB + 1);
      const car = await collected(store.exportCar(cid));
      await store.gc();
      assert.isFalse(await store.has(cid));

      assert.deepEqual(await store.importCar(streamOf(car, 50_000)), [cid]);
      assertSameBytes(await collected(store.get(cid)), bytesOf(seed, 2 * MIB + 1));
      assert.notInclude(await pinned(), cid);
    });

    it("lets whoever reads an export leave early", async () => {
      const { cid } = await put(3 * MIB);
      for await (const chunk of store.exportCar(cid)) {
        assert.isAbove(chunk.length, 0);
        break;
      }
    });

    it("refuses a CAR with any bit altered, and stores nothing of it", async () => {
      const leaves = ["a", "b", "c"].map((name) => rawBlock(bytesOf(seed + name, 40)));
      const root = fileBlock(
        leaves.map((leaf) => leaf.cid),
        leaves.map(() => 40n),
      );
      const blocks = [...leaves, root];
      const car = await carWith([root.cid], blocks);

      await fc.assert(
        fc.asyncProperty(fc.nat(car.length - 1), fc.nat(7), async (at, bit) => {
          const altered = Uint8Array.from(car);
          altered[at] = (altered[at] ?? 0) ^ (1 << bit);
          const error = await store.importCar(streamOf(altered)).then(
            () => undefined,
            (caught: unknown) => caught as { code: string },
          );

          assert.include(["CAR_INVALID", "BLOCK_CORRUPT", "BLOCK_MISSING", "BLOCK_TOO_LARGE"], error?.code);
          for (const block of blocks) assert.isFalse(await store.has(block.cid.toString()));
        }),
        { numRuns: 60 },
      );
      assert.deepEqual(await store.importCar(streamOf(car)), [root.cid.toString()]);
    });

    it("refuses a CAR that ends too early, and stores nothing of it", async () => {
      const { cid } = await put(MIB + 1);
      const car = await collected(store.exportCar(cid));
      await store.gc();

      // The last cut falls between two blocks: what is left is a well-formed CAR.
      for (const end of [1, 40, 70, car.length - 2 * 39, car.length - 1, car.length - 39]) {
        const error = await store.importCar(streamOf(car.subarray(0, end))).catch((caught: unknown) => caught);
        assert.include(["CAR_INVALID", "BLOCK_MISSING"], (error as { code: string }).code);
        assert.isFalse(await store.has(cid));
      }
    });

    it("refuses a CAR without roots", async () => {
      const block = rawBlock(bytesOf(seed, 40));
      const car = await carWith([], [block]);

      await assertFails(() => store.importCar(streamOf(car)), "CAR_INVALID");
      assert.isFalse(await store.has(block.cid.toString()));
    });

    it("refuses a CAR with CIDs of another kind", async () => {
      const bytes = bytesOf(seed, 40);
      const identity = CID.createV1(0x55, createDigest(0x00, bytes));
      for (const cid of [identity, madeCid(0x71, bytes), madeCid(0x70, bytes).toV0()])
        await assertFails(async () => store.importCar(streamOf(await carWith([cid], [{ cid, bytes }]))), "CAR_INVALID");
    });

    it("refuses a CAR whose block is over 2 MiB without buffering what it claims", async () => {
      const block = rawBlock(bytesOf(seed, 2 * MIB + 1));
      const car = await carWith([block.cid], [block]);
      let taken = 0;
      async function* claimed() {
        for await (const chunk of streamOf(car, 65_536)) {
          taken += chunk.length;
          yield chunk;
        }
      }

      await assertFails(() => store.importCar(claimed()), "BLOCK_TOO_LARGE");
      assert.isAtMost(taken, 2 * 65_536);
    });

    it("passes the fault of a source on", async () => {
      const fault = new Error("connection reset");
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield (await carWith([rawBlock(bytesOf(seed, 9)).cid], [])).subarray(0, 20);
        throw fault;
      }
      const error = await store.importCar(failing()).catch((caught: unknown) => caught);

      assert.strictEqual(error, fault);
    });

    it("refuses a CAR that is larger than maxBytes", async () => {
      const { cid } = await put(MIB + 1);
      const car = await collected(store.exportCar(cid));
      const small = await open({ maxBytes: MIB });

      await assertFails(() => small.importCar(streamOf(car)), "BLOCK_TOO_LARGE");
    });
  });

  describe("bombs", () => {
    it("refuses to follow a DAG deeper than maxDepth", async () => {
      const cid = await importMade(chainOf(seed, 4));

      assertSameBytes(await collected(store.get(cid, { maxDepth: 4 })), bytesOf(seed, CHAIN_BYTES));
      await assertFails(() => store.get(cid, { maxDepth: 3 }), "DAG_TOO_DEEP");
    });

    it("refuses to import a DAG deeper than any it would read", async () => {
      const blocks = chainOf(seed, 9);

      await assertFails(() => importMade(blocks), "DAG_TOO_DEEP");
      for (const { cid } of blocks) assert.isFalse(await store.has(cid.toString()));
    });

    it("refuses a file that declares more bytes than anyone could send", async () => {
      const leaf = rawBlock(bytesOf(seed, 32));
      const cid = await importMade([fileBlock([leaf.cid], [1n << 60n]), leaf]);

      await assertFails(() => store.get(cid), "BLOCK_TOO_LARGE");
    });

    it("refuses a file whose parts are not as long as it says", async () => {
      const leaf = rawBlock(bytesOf(seed, 10));
      for (const declared of [9n, 11n]) {
        const cid = await importMade([fileBlock([leaf.cid], [declared]), leaf]);
        await assertFails(() => store.get(cid), "DAG_INVALID");
      }
    });

    it("refuses a file with parts that declare no bytes", async () => {
      const leaf = rawBlock(bytesOf(seed, 10));
      const cid = await importMade([fileBlock([leaf.cid, leaf.cid], [0n, 10n]), leaf]);

      await assertFails(() => store.get(cid), "DAG_INVALID");
    });

    it("refuses a file with more links than sizes", async () => {
      const leaf = rawBlock(bytesOf(seed, 10));
      const cid = await importMade([fileBlock([leaf.cid, leaf.cid], [10n]), leaf]);

      await assertFails(() => store.get(cid), "DAG_INVALID");
    });

    it("refuses a directory, which is no record", async () => {
      const cid = await importMade([fileBlock([], [], { type: "directory" })]);

      await assertFails(() => store.get(cid), "DAG_INVALID");
    });

    it("refuses to import blocks that are not the dag-pb they claim to be, or link to CIDs of another kind", async () => {
      const junk = Uint8Array.from([0xff, 0xff, 0xff]);
      await assertFails(() => importMade([{ cid: madeCid(0x70, junk), bytes: junk }]), "DAG_INVALID");

      const child = fileBlock([], []);
      const foreign = fileBlock([child.cid.toV0()], [1n]);
      await assertFails(() => importMade([foreign, child]), "DAG_INVALID");
    });

    it("refuses dag-pb that is not UnixFS", async () => {
      const bytes = Uint8Array.from([0x0a, 0x02, 0xff, 0xff]);
      const cid = await importMade([{ cid: madeCid(0x70, bytes), bytes }]);

      await assertFails(() => store.get(cid), "DAG_INVALID");
    });
  });

  describe("CIDs", () => {
    const good = cidOfBlock(new Uint8Array(1));
    const junk = [
      "",
      "../../../etc/passwd",
      "bafkrei/../../secret",
      `${good}/x`,
      `/ipfs/${good}`,
      good.toUpperCase(),
      good.slice(0, -1),
      "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
      CID.parse(good).toString() + "a",
      CID.createV1(0x55, createDigest(0x00, new Uint8Array(32))).toString(),
      CID.createV1(0x71, CID.parse(good).multihash).toString(),
      `b${"a".repeat(58)}`,
      `b${"7".repeat(58)}`,
    ];
    const methods: Record<string, (cid: string) => unknown> = {
      get: (cid) => store.get(cid),
      getBlock: (cid) => store.getBlock(cid),
      has: (cid) => store.has(cid),
      pin: (cid) => store.pin(cid),
      unpin: (cid) => store.unpin(cid),
      exportCar: (cid) => store.exportCar(cid),
    };
    for (const [name, call] of Object.entries(methods))
      it(`refuses a path or junk in ${name}`, async () => {
        for (const text of junk) await assertFails(() => call(text), "INVALID_CID");
      });
  });

  it("refuses every call once it is closed", async () => {
    const cid = cidOfBlock(bytesOf(seed, 1));
    await store.close();
    const calls = [
      () => store.put(streamOf(bytesOf(seed, 1))),
      () => store.putBlock(bytesOf(seed, 1)),
      () => store.getBlock(cid),
      () => store.get(cid),
      () => store.has(cid),
      () => store.pin(cid),
      () => store.unpin(cid),
      () => store.pins(),
      () => store.gc(),
      () => store.exportCar(cid),
      () => store.importCar(streamOf(new Uint8Array(0))),
    ];
    for (const call of calls) await assertFails(call, "STORE_CLOSED");
  });
}
