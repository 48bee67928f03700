import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type RecordStore, cidOfBlock } from "../../src/storage/index.js";
import { createEmbeddedStore } from "../../src/storage/node/index.js";
import { importContent } from "../../src/storage/unixfs-import.js";
import { collect, vectors } from "../crypto/helpers.js";
import { keystream } from "../interop/content.js";

const { files, blocks } = vectors<{
  files: { size: number; cid: string }[];
  blocks: { size: number; cid: string }[];
}>("cids.json");

const MIB = 2 ** 20;

describe("CIDs that Kubo gave", () => {
  let folder: string;
  let store: RecordStore;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-vectors-"));
    store = await createEmbeddedStore({ directory: folder, participant: "17" });
  });

  after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it("include both sides of a leaf's end and of a second level", () => {
    const sizes = files.map(({ size }) => size);
    expect(sizes).to.include.members([0, MIB, MIB + 1, 174 * MIB, 175 * MIB, 1024 * MIB, 1024 * MIB + 1]);
  });

  for (const { size, cid } of files.filter((file) => file.size <= 8 * MIB)) {
    it(`are the store's for a file of ${size} bytes`, async () => {
      expect(await store.put(asStream(size))).to.deep.equal({ cid, size });
    });
  }

  for (const { size, cid } of files.filter((file) => file.size > 8 * MIB)) {
    it(`are the importer's for a file of ${size} bytes`, async () => {
      const imported = await importContent(asStream(size), { put: async () => undefined }, { maxBytes: size });
      expect(String(imported.cid)).to.equal(cid);
    });
  }

  for (const { size, cid } of blocks) {
    it(`are ours for a raw block of ${size} bytes`, async () => {
      const block = await collect(keystream(size));
      expect(cidOfBlock(block)).to.equal(cid);
      expect(await store.putBlock(block)).to.equal(cid);
    });
  }
});

/** The store takes streams only. */
async function* asStream(size: number): AsyncGenerator<Uint8Array> {
  yield* keystream(size);
}
