import { randomBytes } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  BATCH_SIZES,
  Batch,
  type BatchProof,
  batchDigest,
  decodeBatchProof,
  encodeBatchProof,
  verifyInBatch,
} from "../../src/crypto/index.js";
import { expectBytes, expectCode, flipBit, utf8 } from "./helpers.js";
import { mth, path } from "./merkle-reference.js";

const someRecords = (count: number): Uint8Array[] =>
  Array.from({ length: count }, () => Uint8Array.from(randomBytes(32)));
const texts = (records: readonly Uint8Array[]) => records.map((record) => Buffer.from(record).toString("hex"));

const proved = (
  batch: Batch,
  record: Uint8Array,
  changes: { digest?: Uint8Array; record?: Uint8Array } & Partial<BatchProof> = {},
) => {
  const { digest = batch.digest(), record: claimed = record, ...proof } = changes;
  return verifyInBatch({ digest, record: claimed, proof: { ...batch.proofOf(record)!, ...proof } });
};

describe("Batch", () => {
  it("is filled up to the next size, and has every record", () => {
    for (const [count, size] of [
      [1, 1],
      [2, 8],
      [8, 8],
      [9, 64],
      [65, 512],
      [513, 4_096],
    ] as const) {
      const records = someRecords(count);
      const batch = Batch.of(records);
      expect(batch.header.size).to.equal(size);
      expect(batch.records).to.have.length(size);
      expect(texts(batch.records)).to.include.members(texts(records));
    }
  });

  it("takes 32,768 records and not one more, with paths of 480 bytes", async () => {
    const records = someRecords(32_768);
    const batch = Batch.of(records);
    expect(batch.header.size).to.equal(BATCH_SIZES.at(-1));
    expect(batch.proofOf(records[7]!)!.path).to.have.length(480);
    expect(proved(batch, records[7]!)).to.equal(true);
    expectBytes(Batch.decode(batch.encode()).digest(), batch.digest());
    await expectCode("CRYPTO_INPUT_INVALID", () => Batch.of([...records, ...someRecords(1)]));
  });

  it("is in another order and under another digest each time", () => {
    const records = someRecords(8);
    const batches = Array.from({ length: 20 }, () => Batch.of(records));
    expect(new Set(batches.map((batch) => texts(batch.records).join())).size).to.be.above(15);
    expect(new Set(texts(batches.map((batch) => batch.digest()))).size).to.equal(20);
  });

  it("is the same again for the same records and secret, in any order, and another one for others", () => {
    const digests = Array.from({ length: 5 }, (_, i) => new Uint8Array(32).fill(i));
    const secret = new Uint8Array(32).fill(7);
    const batch = Batch.of(digests, 5, secret);
    expect(batch.header.size).to.equal(8);
    expect(Batch.of(digests.toReversed(), 1, secret).encode()).to.deep.equal(batch.encode());
    const others = [
      Batch.of(digests.slice(1), 5, secret),
      Batch.of(digests, 9, secret),
      Batch.of(digests, 5, new Uint8Array(randomBytes(32))),
      Batch.of(digests, 5),
    ];
    const dummies = (of: Batch) =>
      of.records.map((each) => Buffer.from(each).toString("hex")).filter((each) => !known.has(each));
    const known = new Set(digests.map((each) => Buffer.from(each).toString("hex")));
    for (const other of others) {
      expect(other.header.salt).not.to.deep.equal(batch.header.salt);
      expect(dummies(other)).not.to.have.any.members(dummies(batch));
    }
    expect(batch.records.slice(0, 5), "no record stands where its digest would sort it").not.to.deep.equal(
      digests.toSorted((a, b) => Buffer.compare(a, b)),
    );
    expect(() => Batch.of(digests, 5, secret.subarray(1))).to.throw("secret");
  });

  it("has the root and the paths of RFC 9162's definitions", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(), (count, which) => {
        const records = someRecords(count);
        const batch = Batch.of(records);
        const leaves = [...batch.records];
        expectBytes(batch.header.root, mth(leaves));
        const record = records[which % count]!;
        const proof = batch.proofOf(record)!;
        expectBytes(leaves[proof.index]!, record);
        expectBytes(proof.path, Uint8Array.from(Buffer.concat(path(proof.index, leaves))));
        expect(proved(batch, record)).to.equal(true);
      }),
    );
  });

  it("proves nothing but its own records, at their own places, under its own header", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), fc.nat(), fc.nat(255), (count, which, bit) => {
        const records = someRecords(count);
        const batch = Batch.of(records);
        const record = records[which % count]!;
        const own = batch.proofOf(record)!;
        const wrong: Parameters<typeof proved>[2][] = [
          { record: flipBit(record, bit) },
          { digest: flipBit(batch.digest(), bit) },
          { salt: flipBit(own.salt, bit) },
          { root: flipBit(own.root, bit) },
          ...[0, own.size - 1, own.size + 1, 32_769, 1.5].map((size) => ({ size })),
          ...[own.index ^ 1, own.size, -1].map((index) => ({ index })),
          { path: own.path.slice(32) },
          { path: own.path.slice(1) },
          { path: Uint8Array.from([...own.path, ...record]) },
          { path: flipBit(own.path, bit) },
        ];
        for (const changes of wrong) expect(proved(batch, record, changes)).to.equal(false);
      }),
    );
  });

  it("proves a count lie neither way: the digest names the size", () => {
    const batch = Batch.of(someRecords(8));
    for (const size of [1, 7, 9, 64]) {
      const header = { ...batch.header, size };
      expect(texts([batchDigest(header)])).not.to.deep.equal(texts([batch.digest()]));
    }
  });

  it("doesn't know what isn't in it", () => {
    expect(Batch.of(someRecords(3)).proofOf(utf8("x".repeat(32)))).to.equal(undefined);
  });

  it("refuses nothing, a record twice, and what is no digest", async () => {
    const [record] = someRecords(1);
    for (const records of [[], [record!, Uint8Array.from(record!)], [new Uint8Array(31)]]) {
      await expectCode("CRYPTO_INPUT_INVALID", () => Batch.of(records));
    }
  });

  it("comes back from its one encoding", async () => {
    const batch = Batch.of(someRecords(11));
    const bytes = batch.encode();
    const again = Batch.decode(bytes);
    expect(texts(again.records)).to.deep.equal(texts(batch.records));
    expectBytes(again.digest(), batch.digest());
    expectBytes(again.encode(), bytes);
    for (const broken of [bytes.slice(0, -1), Uint8Array.from([...bytes, 0]), new Uint8Array(0)]) {
      await expectCode("BATCH_MALFORMED", () => Batch.decode(broken));
    }
  });

  it("has proofs with one encoding each", async () => {
    const records = someRecords(9);
    const proof = Batch.of(records).proofOf(records[4]!)!;
    const bytes = encodeBatchProof(proof);
    expect(decodeBatchProof(bytes)).to.deep.equal(proof);
    expectBytes(encodeBatchProof(decodeBatchProof(bytes)), bytes);
    for (const broken of [bytes.slice(1), Uint8Array.from([...bytes, 0])]) {
      await expectCode("BATCH_MALFORMED", () => decodeBatchProof(broken));
    }
    for (const changes of [{ size: 0 }, { size: 32_769 }, { index: -1 }, { path: new Uint8Array(512) }]) {
      await expectCode("BATCH_MALFORMED", () => encodeBatchProof({ ...proof, ...changes }));
    }
  });

  it("refuses an encoding with half a digest, or with none", async () => {
    const { encode } = await import("@ipld/dag-cbor");
    for (const length of [0, 31, 33, 32_769 * 32]) {
      const bytes = encode({ version: 1, salt: new Uint8Array(32), records: new Uint8Array(length) });
      await expectCode("BATCH_MALFORMED", () => Batch.decode(bytes));
    }
  });
});
