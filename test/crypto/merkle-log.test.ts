import { expect } from "chai";
import fc from "fast-check";
import { MerkleLog, consistencyProof, inclusionProof, leafHash, rootOf } from "../../src/crypto/index.js";
import { verifyConsistency, verifyInclusion } from "../../src/crypto/index.js";
import { expectBytes, expectCode, hex, utf8, vectors } from "./helpers.js";
import { mth, path, subproof } from "./merkle-reference.js";

const entries = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => utf8(`entry ${i}`));

function logOf(leaves: Uint8Array[]): MerkleLog {
  const log = new MerkleLog();
  leaves.forEach((leaf, index) => expect(log.append(leaf)).to.equal(index));
  return log;
}

describe("MerkleLog", () => {
  it("has the known roots of the reference leaves", () => {
    const { leaves, roots } = vectors<{ leaves: string[]; roots: string[] }>("merkle.json");
    const log = logOf(leaves.map(hex));
    roots.forEach((root, size) => {
      expectBytes(log.root(size), hex(root));
      expectBytes(rootOf(leaves.slice(0, size).map(hex)), hex(root));
    });
  });

  it("equals the RFC's definitions at every size, for every leaf and every earlier size", () => {
    const leaves = entries(40);
    const log = logOf(leaves);
    for (let size = 1; size <= leaves.length; size++) {
      const d = leaves.slice(0, size);
      expectBytes(log.root(size), mth(d));
      for (let m = 0; m < size; m++) expect(log.inclusionProof(m, size)).to.deep.equal(path(m, d));
      for (let m = 1; m < size; m++) expect(log.consistencyProof(m, size)).to.deep.equal(subproof(m, d, true));
    }
  });

  it("answers for a list of entries as for a log", () => {
    const leaves = entries(11);
    expect(inclusionProof(leaves, 6)).to.deep.equal(path(6, leaves));
    expect(consistencyProof(leaves, 7)).to.deep.equal(subproof(7, leaves, true));
  });

  it("needs no proof from nothing or from the same size", () => {
    const log = logOf(entries(5));
    expect(log.consistencyProof(0)).to.be.empty;
    expect(log.consistencyProof(5)).to.be.empty;
  });

  it("comes back from its leaf hashes", () => {
    const log = logOf(entries(21));
    const hashes = Array.from({ length: log.size }, (_, index) => log.leafHashAt(index));
    expectBytes(hashes[20] as Uint8Array, leafHash(utf8("entry 20")));
    expectBytes(MerkleLog.fromLeafHashes(hashes).root(), log.root());
  });

  it("cannot be changed through a hash that it gave out", () => {
    const log = logOf(entries(4));
    const before = log.root();
    log.leafHashAt(0).fill(0);
    log.root().fill(0);
    log.inclusionProof(0).forEach((hash) => hash.fill(0));
    expectBytes(log.root(), before);
  });

  it("proves among a hundred thousand entries", () => {
    const log = new MerkleLog();
    for (let i = 0; i < 100_000; i++) log.append(utf8(`entry ${i}`));
    const root = log.root();
    fc.assert(
      fc.property(fc.nat(99_999), fc.integer({ min: 1, max: 100_000 }), (index, first) => {
        const inclusion = { entry: utf8(`entry ${index}`), index, size: log.size, root };
        expect(verifyInclusion({ ...inclusion, proof: log.inclusionProof(index) })).to.be.true;
        const consistency = { first, second: log.size, firstRoot: log.root(first), secondRoot: root };
        expect(verifyConsistency({ ...consistency, proof: log.consistencyProof(first) })).to.be.true;
      }),
      { numRuns: 200 },
    );
  });

  it("refuses to answer outside what it holds", async () => {
    const log = logOf(entries(5));
    for (const outside of [
      () => log.root(6),
      () => log.root(-1),
      () => log.leafHashAt(5),
      () => log.inclusionProof(5),
      () => log.inclusionProof(3, 3),
      () => log.inclusionProof(0, 0),
      () => log.inclusionProof(0.5),
      () => log.consistencyProof(6),
      () => log.consistencyProof(4, 3),
      () => log.consistencyProof(1, 6),
      () => inclusionProof([], 0),
    ]) {
      await expectCode("LOG_INDEX_OUT_OF_RANGE", outside);
    }
    const { details } = await expectCode("LOG_INDEX_OUT_OF_RANGE", () => log.inclusionProof(5));
    expect(details).to.deep.equal({ name: "index", value: 5, min: 0, max: 4 });
  });

  it("refuses a leaf hash that is none", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => MerkleLog.fromLeafHashes([new Uint8Array(31)]));
  });
});
