import { expect } from "chai";
import fc from "fast-check";
import { MerkleLog, emptyRoot, nodeHash, verifyConsistency, verifyInclusion } from "../../src/crypto/index.js";
import { expectBytes, flipBit, utf8 } from "./helpers.js";

const MAX = 70;
const log = new MerkleLog();
for (let i = 0; i < MAX; i++) log.append(utf8(`entry ${i}`));

function inclusion(index: number, size: number) {
  return { entry: utf8(`entry ${index}`), index, size, proof: log.inclusionProof(index, size), root: log.root(size) };
}

function consistency(first: number, second: number) {
  const proof = log.consistencyProof(first, second);
  return { first, second, firstRoot: log.root(first), secondRoot: log.root(second), proof };
}

/** Two numbers with the smaller one first. */
const pair = fc.tuple(fc.nat(MAX), fc.nat(MAX)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

describe("verifyInclusion", () => {
  it("accepts every entry at every size", () => {
    for (let size = 1; size <= MAX; size++) {
      for (let index = 0; index < size; index++) expect(verifyInclusion(inclusion(index, size))).to.be.true;
    }
  });

  it("refuses another entry, place, size, root, and any changed, missing or added hash", () => {
    fc.assert(
      fc.property(
        pair.filter(([index, size]) => index < size),
        fc.nat(255),
        ([index, size], bit) => {
          const claim = inclusion(index, size);
          expect(verifyInclusion({ ...claim, entry: flipBit(claim.entry, bit % 56) })).to.be.false;
          expect(verifyInclusion({ ...claim, root: flipBit(claim.root, bit) })).to.be.false;
          expect(verifyInclusion({ ...claim, proof: [...claim.proof, claim.root] })).to.be.false;
          claim.proof.forEach((hash, i) => {
            expect(verifyInclusion({ ...claim, proof: claim.proof.with(i, flipBit(hash, bit)) })).to.be.false;
            expect(verifyInclusion({ ...claim, proof: claim.proof.toSpliced(i, 1) })).to.be.false;
          });
          for (let other = 0; other < size; other++) {
            if (other !== index) expect(verifyInclusion({ ...claim, index: other })).to.be.false;
          }
        },
      ),
    );
  });

  it("refuses an inner node as an entry", () => {
    const children = Buffer.concat([log.leafHashAt(0), log.leafHashAt(1)]);
    const claim = { index: 0, size: 2, proof: log.inclusionProof(0, 4).slice(1), root: log.root(4) };
    expectBytes(nodeHash(nodeHash(log.leafHashAt(0), log.leafHashAt(1)), claim.proof[0] as Uint8Array), claim.root);
    for (const entry of [children, Buffer.concat([Uint8Array.of(1), children])]) {
      expect(verifyInclusion({ ...claim, entry })).to.be.false;
    }
  });

  it("refuses a duplicated last entry", () => {
    const root = nodeHash(
      nodeHash(log.leafHashAt(0), log.leafHashAt(1)),
      nodeHash(log.leafHashAt(2), log.leafHashAt(2)),
    );
    expect(log.root(3)).to.not.deep.equal(root);
    const claim = {
      entry: utf8("entry 2"),
      index: 3,
      size: 4,
      proof: log.inclusionProof(2, 3),
      root: log.root(3),
    };
    expect(verifyInclusion(claim)).to.be.false;
  });

  it("refuses numbers and hashes that make no sense", () => {
    const claim = inclusion(3, 8);
    for (const change of [
      { index: -1 },
      { index: 8 },
      { index: 0.5 },
      { size: NaN },
      { size: 0 },
      { root: new Uint8Array(0) },
    ]) {
      expect(verifyInclusion({ ...claim, ...change })).to.be.false;
    }
    expect(verifyInclusion({ ...claim, proof: claim.proof.with(0, new Uint8Array(31)) })).to.be.false;
  });

  it("refuses a place beyond the end", () => {
    expect(verifyInclusion(inclusion(0, 1))).to.be.true;
    expect(verifyInclusion({ ...inclusion(0, 1), index: 1 })).to.be.false;
  });

  it("does not confuse places that differ only above 32 bits", () => {
    const claim = inclusion(0, 1);
    expect(verifyInclusion({ ...claim, index: 2 ** 32, size: 2 ** 32 + 1 })).to.be.false;
  });
});

describe("verifyConsistency", () => {
  it("accepts every earlier size of every size", () => {
    for (let second = 0; second <= MAX; second++) {
      for (let first = 0; first <= second; first++) expect(verifyConsistency(consistency(first, second))).to.be.true;
    }
  });

  it("refuses other roots, other sizes, and any changed, missing or added hash", () => {
    fc.assert(
      fc.property(
        pair.filter(([first, second]) => first > 0 && first < second),
        fc.nat(255),
        ([first, second], bit) => {
          const claim = consistency(first, second);
          expect(verifyConsistency({ ...claim, firstRoot: flipBit(claim.firstRoot, bit) })).to.be.false;
          expect(verifyConsistency({ ...claim, secondRoot: flipBit(claim.secondRoot, bit) })).to.be.false;
          expect(verifyConsistency({ ...claim, first: second, second: first })).to.be.false;
          expect(verifyConsistency({ ...claim, proof: [...claim.proof, claim.secondRoot] })).to.be.false;
          claim.proof.forEach((hash, i) => {
            expect(verifyConsistency({ ...claim, proof: claim.proof.with(i, flipBit(hash, bit)) })).to.be.false;
            expect(verifyConsistency({ ...claim, proof: claim.proof.toSpliced(i, 1) })).to.be.false;
          });
        },
      ),
    );
  });

  it("refuses a log that was rewritten, reordered or shortened", () => {
    const rewritten = new MerkleLog();
    for (let i = 0; i < MAX; i++) rewritten.append(utf8(i === 5 ? "other" : `entry ${i}`));
    for (let first = 6; first < MAX; first++) {
      const claim = consistency(first, MAX);
      const proof = rewritten.consistencyProof(first, MAX);
      expect(verifyConsistency({ ...claim, secondRoot: rewritten.root(), proof })).to.be.false;
    }
    expect(verifyConsistency({ ...consistency(3, 5), first: 5, second: 3 })).to.be.false;
  });

  it("refuses a proof that ends below the root of the size it claims", () => {
    const claim = consistency(4, 5);
    expect(verifyConsistency(claim)).to.be.true;
    expect(verifyConsistency({ ...claim, second: 9 })).to.be.false;
  });

  it("takes the empty log as the beginning of every log, with its own root and no proof", () => {
    const claim = { first: 0, second: 5, firstRoot: emptyRoot(), secondRoot: log.root(5), proof: [] };
    expect(verifyConsistency(claim)).to.be.true;
    expect(verifyConsistency({ ...claim, firstRoot: log.root(1) })).to.be.false;
    expect(verifyConsistency({ ...claim, proof: [log.root(1)] })).to.be.false;
  });

  it("takes equal sizes only with equal roots and no proof", () => {
    const claim = consistency(5, 5);
    expect(verifyConsistency({ ...claim, secondRoot: log.root(4) })).to.be.false;
    expect(verifyConsistency({ ...claim, proof: [log.root(5)] })).to.be.false;
  });

  it("refuses numbers and hashes that make no sense", () => {
    const claim = consistency(3, 8);
    for (const change of [
      { first: -1 },
      { second: 8.5 },
      { first: NaN },
      { firstRoot: new Uint8Array(1) },
      { proof: [] },
    ]) {
      expect(verifyConsistency({ ...claim, ...change })).to.be.false;
    }
  });
});
