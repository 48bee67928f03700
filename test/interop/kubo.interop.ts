import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { create as createMultihash } from "multiformats/hashes/digest";
import {
  encodeEnvelope,
  encodeKeyDocument,
  encodeKind,
  encodeManifest,
  keyDocumentDigest,
  kindOf,
} from "../../src/crypto/index.js";
import { type RecordStore, cidOfBlock, sha256FromCid } from "../../src/storage/index.js";
import { createEmbeddedStore } from "../../src/storage/node/index.js";
import { importContent } from "../../src/storage/unixfs-import.js";
import { collect, expectBytes } from "../crypto/helpers.js";
import { keystream } from "./content.js";
import { skipSuite } from "./engine.js";
import { BUILD_LIMIT } from "./go-program.js";
import { type Kubo, openKubo } from "./kubo.js";
import { Ledger } from "./ledger.js";
import { envelopes, keyDocuments, manifests } from "./values.js";

const MIB = 2 ** 20;
const DAG_CBOR = 0x71;

/** A leaf's end; 174 and 175 leaves, where older layouts begin a second level. */
const STORED_SIZES = [
  0,
  1,
  MIB - 1,
  MIB,
  MIB + 1,
  2 * MIB,
  5 * MIB + 7,
  174 * MIB,
  174 * MIB + 1,
  175 * MIB,
  256 * MIB,
];

/** 1,024 leaves, where this layout begins a second level. Only hashed: nothing needs to lie on a disk for that. */
const HASHED_SIZES = [1024 * MIB, 1024 * MIB + 1];

describe("Kubo", () => {
  const ledger = new Ledger("Kubo");
  let kubo: Kubo;
  let folder: string | undefined;
  let store: RecordStore;

  before(async function () {
    this.timeout(2 * BUILD_LIMIT);
    const opened = await openKubo();
    if ("reason" in opened) return skipSuite(this, ledger, opened.reason);
    kubo = opened;
    ledger.version(kubo.version);
    folder = await mkdtemp(join(tmpdir(), "chartchain-interop-store-"));
    store = await createEmbeddedStore({ directory: folder, participant: "17", graceMs: 0 });
  });

  after(async () => {
    await store?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
    await kubo?.remove();
    ledger.close();
  });

  const hashByKubo = async (size: number) => kubo.text(["add", "--only-hash", "--quieter"], keystream(size));

  for (const size of STORED_SIZES) {
    it(`gives ${size} bytes the CID that the embedded store gives them`, async () => {
      const put = await store.put(chunks(keystream(size)));
      expect(put).to.deep.equal({ cid: await hashByKubo(size), size });
      ledger.count("CIDs of files equal");
      await store.gc();
    });
  }

  for (const size of HASHED_SIZES) {
    it(`gives ${size} bytes the CID that the importer gives them`, async () => {
      const sink = { put: async () => undefined };
      const { cid } = await importContent(chunks(keystream(size)), sink, { maxBytes: size });
      expect(String(cid)).to.equal(await hashByKubo(size));
      ledger.count("CIDs of files equal");
    });
  }

  it("gives a file the same CID, however its stream was cut into chunks", async () => {
    const size = 3 * MIB + 5;
    const content = await collect(keystream(size));
    for (const length of [1000, 65_536, MIB - 1, size]) {
      const { cid } = await store.put(chunks(cut(content, length)));
      expect(cid).to.equal(await hashByKubo(size));
      ledger.count("CIDs of files equal");
    }
  });

  it("reads the CARs that we export, and we read the ones that it exports", async () => {
    for (const size of [0, 1, MIB + 1, 20 * MIB + 3]) {
      const content = Uint8Array.from(randomBytes(size));
      const { cid } = await store.put(chunks([content]));
      await kubo.run(["dag", "import"], store.exportCar(cid));
      expectBytes(await kubo.run(["cat", cid]), content);
      ledger.count("our CARs read");

      const other = Uint8Array.from(randomBytes(size));
      const theirs = await kubo.text(["add", "--quieter"], [other]);
      const car = await kubo.run(["dag", "export", "--progress=false", theirs]);
      expect(await store.importCar(chunks([car]))).to.deep.equal([theirs]);
      expectBytes(await collect(store.get(theirs)), other);
      ledger.count("its CARs read");
    }
  });

  it("gives a raw block the CID that we do", async () => {
    for (const size of [0, 1, 1000, MIB - 1, MIB]) {
      const block = Uint8Array.from(randomBytes(size));
      const theirs = await putBlock(block);
      expect(cidOfBlock(block)).to.equal(theirs);
      expect(await store.putBlock(block)).to.equal(theirs);
      ledger.count("CIDs of blocks equal");
    }
  });

  it("has another name for a key document than the digest that is on chain", async () => {
    await fc.assert(
      fc.asyncProperty(keyDocuments, async (document) => {
        const bytes = encodeKeyDocument(document);
        expect(sha256FromCid(await putBlock(bytes))).not.to.deep.equal(keyDocumentDigest(bytes));
        ledger.count("CIDs of key documents that aren't their digests");
      }),
      { numRuns: 10 },
    );
  });

  const putBlock = async (block: Uint8Array) => kubo.text(["block", "put", "--cid-codec=raw"], [block]);

  it("reads our manifests and envelopes as DAG-CBOR, and writes them byte for byte as we do", async () => {
    const encoded: fc.Arbitrary<{ value: object; bytes: Uint8Array }> = fc.oneof(
      manifests.map((manifest) => {
        // Category, classes and whether it is confidential are three bytes under one name.
        const kind = kindOf(manifest);
        const others = Object.fromEntries(Object.entries(manifest).filter(([name]) => !(name in kind)));
        return { value: { ...others, kind: encodeKind(kind) }, bytes: encodeManifest(manifest) };
      }),
      envelopes.map((envelope) => ({ value: { version: 1, ...envelope }, bytes: encodeEnvelope(envelope) })),
    );
    await fc.assert(
      fc.asyncProperty(encoded, async ({ value, bytes }) => {
        const ours = CID.createV1(DAG_CBOR, createMultihash(0x12, createHash("sha256").update(bytes).digest()));
        const read = ["dag", "put", "--input-codec=dag-cbor", "--store-codec=dag-cbor"];
        expect(await kubo.text(read, [bytes])).to.equal(String(ours));
        const json = JSON.parse(await kubo.text(["dag", "get", "--output-codec=dag-json", String(ours)])) as unknown;
        expect(json).to.deep.equal(dagJson(value));

        const write = ["dag", "put", "--input-codec=dag-json", "--store-codec=dag-cbor"];
        const shuffled = Object.fromEntries(Object.entries(dagJson(value)).reverse());
        expect(await kubo.text(write, [Buffer.from(JSON.stringify(shuffled))])).to.equal(String(ours));
        ledger.count("DAG-CBOR maps equal");
      }),
      { numRuns: 15 },
    );
  });
});

/** The store takes streams only. */
async function* chunks(source: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* source;
}

function* cut(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += length) yield bytes.subarray(offset, offset + length);
}

/** A map as DAG-JSON writes it: bytes in base64 without padding, under a key of their own. */
function dagJson(map: object): Record<string, unknown> {
  const entries = Object.entries(map) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!(value instanceof Uint8Array)) return [name, value];
      return [name, { "/": { bytes: Buffer.from(value).toString("base64").replace(/=+$/, "") } }];
    }),
  );
}
