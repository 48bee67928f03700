import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import fc from "fast-check";
import { WHOLE_PACK } from "../../src/crypto/index.js";
import { type GetOptions, readPacked, type RecordStore } from "../../src/storage/index.js";
import { createEmbeddedStore } from "../../src/storage/node/index.js";
import { assertFails, assertSameBytes, bytesOf, collected, streamOf } from "./content.js";

const MIB = 1_048_576;

describe("a record's pack", () => {
  let directory: string;
  let store: RecordStore;
  const asked: GetOptions[] = [];
  const watched: Pick<RecordStore, "get"> = {
    get: (cid, options = {}) => {
      asked.push(options);
      return store.get(cid, options);
    },
  };
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "chartchain-pack-"));
    store = await createEmbeddedStore({ directory, participant: "1" });
  });
  after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => void asked.splice(0));

  it("gives any part of it", async () => {
    const bytes = bytesOf("pack", 3 * MIB);
    const { cid } = await store.put(streamOf(bytes));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.nat(2 * MIB), async (offset, wanted) => {
        const length = Math.min(wanted, bytes.length - offset);
        const read = readPacked(watched, { cid, offset, packSize: bytes.length, packing: 0 }, length);
        assertSameBytes(await collected(read), bytes.subarray(offset, offset + length));
      }),
      { numRuns: 20 },
    );
  });

  it("is asked for as a whole up to 8 MiB, so that nobody learns which record is read", async () => {
    const bytes = bytesOf("small", 2 * MIB);
    const { cid } = await store.put(streamOf(bytes));
    for (const offset of [0, 5000, MIB + 1]) {
      await collected(readPacked(watched, { cid, offset, packSize: bytes.length, packing: 0 }, 100));
    }
    assert.deepEqual(
      asked,
      [1, 2, 3].map(() => ({ maxBytes: bytes.length })),
    );
  });

  it("is asked for that part alone beyond", async () => {
    const bytes = bytesOf("large", WHOLE_PACK + 5);
    const { cid } = await store.put(streamOf(bytes));
    const place = { cid, offset: 3 * MIB, packSize: bytes.length, packing: 0 };
    assertSameBytes(await collected(readPacked(watched, place, 1000)), bytes.subarray(3 * MIB, 3 * MIB + 1000));
    assert.deepEqual(asked, [{ offset: 3 * MIB, length: 1000, maxBytes: bytes.length }]);
  });

  it("that is larger than its envelope says is refused", async () => {
    const { cid } = await store.put(streamOf(bytesOf("larger", 2 * MIB)));
    const read = () => collected(readPacked(watched, { cid, offset: 0, packSize: MIB, packing: 0 }, 10));
    await assertFails(read, "BLOCK_TOO_LARGE");
  });
});
