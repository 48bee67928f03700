import { expect } from "chai";
import { MerkleLog, verifyConsistency, verifyInclusion } from "../../src/crypto/index.js";
import { flipBit, hex, utf8, vectors } from "../crypto/helpers.js";
import { proofsDigest } from "../interop/vectors/proofs-digest.js";

const { leaves, roots, proofs, trees, huge } = vectors<{
  leaves: string[];
  roots: string[];
  proofs: {
    inclusion: { index: number; size: number; proof: string[] }[];
    consistency: { first: number; second: number; proof: string[] }[];
  };
  trees: { size: number; root: string; inclusionSha256: string; consistencySha256: string }[];
  huge: { index: number; size: number; entry: string; proof: string[]; root: string }[];
}>("merkle.json");

describe("Merkle trees of transparency-dev", () => {
  const log = new MerkleLog();
  for (const leaf of leaves) log.append(hex(leaf));
  const large = new MerkleLog();
  for (let i = 0; i < trees.length - 1; i++) large.append(utf8(`leaf ${i}`));

  it("have the roots that we compute over the reference leaves", () => {
    expect(roots).to.have.lengthOf(9);
    roots.forEach((root, size) => expect(inHex(log.root(size))).to.equal(root));
  });

  it("have the proofs that we make, and we accept theirs", () => {
    expect([proofs.inclusion.length, proofs.consistency.length]).to.deep.equal([4, 3]);
    for (const { index, size, proof } of proofs.inclusion) {
      expect(log.inclusionProof(index, size).map(inHex)).to.deep.equal(proof);
      const claim = { entry: hex(leaves[index] ?? ""), index, size, proof: proof.map(hex), root: log.root(size) };
      expect(verifyInclusion(claim)).to.equal(true);
      expect(verifyInclusion({ ...claim, entry: utf8("another") })).to.equal(false);
    }
    for (const { first, second, proof } of proofs.consistency) {
      expect(log.consistencyProof(first, second).map(inHex)).to.deep.equal(proof);
      const claim = { first, second, firstRoot: log.root(first), secondRoot: log.root(second), proof: proof.map(hex) };
      expect(verifyConsistency(claim)).to.equal(true);
      expect(verifyConsistency({ ...claim, firstRoot: flipBit(claim.firstRoot, 0) })).to.equal(false);
    }
  });

  it("have our root and all of our proofs, for every size from 0 to 130", () => {
    expect(trees.map(({ size }) => size)).to.deep.equal(Array.from({ length: 131 }, (_, size) => size));
    for (const { size, root, inclusionSha256, consistencySha256 } of trees) {
      expect(inHex(large.root(size)), `root of ${size}`).to.equal(root);
      const inclusion = Array.from({ length: size }, (_, index) => large.inclusionProof(index, size));
      expect(proofsDigest(inclusion), `inclusion in ${size}`).to.equal(inclusionSha256);
      const consistency = Array.from({ length: size + 1 }, (_, first) => large.consistencyProof(first, size));
      expect(proofsDigest(consistency), `consistency with ${size}`).to.equal(consistencySha256);
    }
  });

  for (const { index, size, entry, proof, root } of huge) {
    it(`may have ${size} leaves`, () => {
      const claim = { entry: hex(entry), index, size, proof: proof.map(hex), root: hex(root) };
      expect(verifyInclusion(claim)).to.equal(true);
      expect(verifyInclusion({ ...claim, proof: claim.proof.slice(1) })).to.equal(false);
      expect(verifyInclusion({ ...claim, root: flipBit(claim.root, 0) })).to.equal(false);
    });
  }
});

const inHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
