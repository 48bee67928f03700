import { expect } from "chai";
import { concat, sha256, toBeHex, toUtf8Bytes } from "ethers";

import { createChain, fixture } from "../../../devnet/index.js";

const load = fixture(createChain);

/** RFC 9162's tree by its recursive definitions, over hashes of leaves. */
const split = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);
const node = (left: string, right: string) => sha256(concat(["0x01", left, right]));
const root = (leaves: string[]): string =>
  leaves.length === 1
    ? leaves[0]!
    : node(root(leaves.slice(0, split(leaves.length))), root(leaves.slice(split(leaves.length))));
const path = (index: number, leaves: string[]): string[] => {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...path(index, leaves.slice(0, k)), root(leaves.slice(k))]
    : [...path(index - k, leaves.slice(k)), root(leaves.slice(0, k))];
};
const consistency = (m: number, leaves: string[], complete = true): string[] => {
  if (m === leaves.length) return complete ? [] : [root(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...consistency(m, leaves.slice(0, k), complete), root(leaves.slice(k))]
    : [...consistency(m - k, leaves.slice(k), false), root(leaves.slice(0, k))];
};
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => sha256(concat(["0x00", toUtf8Bytes(`leaf ${i}`)])));

describe("TransparencyLog", () => {
  it("hashes a leaf apart from an interior node", async () => {
    const { transparencyLog } = await load();

    expect(await transparencyLog.leafHash(toUtf8Bytes("leaf 0"))).to.equal(leavesOf(1)[0]);
    const pair = leavesOf(2);
    expect(await transparencyLog.leafHash(concat(pair))).not.to.equal(root(pair));
  });

  it("proves every leaf of trees of up to nine, at its index only", async () => {
    const { transparencyLog } = await load();

    for (let size = 1; size <= 9; ++size) {
      const leaves = leavesOf(size);
      for (let index = 0; index < size; ++index) {
        const proof = path(index, leaves);
        const verify = (at: number) => transparencyLog.verifyInclusion(leaves[index]!, at, size, proof, root(leaves));
        expect(await verify(index), `${index} of ${size}`).to.be.true;
        expect(await verify((index + 1) % size), `${index} of ${size}, elsewhere`).to.equal(size === 1);
        expect(await verify(size), "beyond the end").to.be.false;
      }
    }
  });

  it("proves that trees of up to nine grew out of smaller ones", async () => {
    const { transparencyLog } = await load();

    for (let size = 1; size <= 9; ++size) {
      const leaves = leavesOf(size);
      for (let old = 1; old <= size; ++old) {
        const oldRoot = root(leaves.slice(0, old));
        const verify = (before: string, proof: string[]) =>
          transparencyLog.verifyConsistency(old, before, size, root(leaves), proof);
        expect(await verify(oldRoot, consistency(old, leaves)), `${old} to ${size}`).to.be.true;
        expect(await verify(leavesOf(10)[9]!, consistency(old, leaves)), `${old} to ${size}, rewritten`).to.be.false;
        expect(await verify(oldRoot, [...consistency(old, leaves), oldRoot]), "a longer proof").to.be.false;
      }
    }
  });

  it("proves nothing about an empty tree or a larger one", async () => {
    const { transparencyLog } = await load();
    const [one] = leavesOf(1);

    expect(await transparencyLog.verifyConsistency(0, one!, 1, one!, [])).to.be.false;
    expect(await transparencyLog.verifyConsistency(2, one!, 1, one!, [])).to.be.false;
    expect(await transparencyLog.verifyConsistency(3, one!, 5, one!, [])).to.be.false;
    expect(await transparencyLog.verifyConsistency(2, one!, 5, one!, [])).to.be.false;
  });

  it("proves a record in its batch", async () => {
    const { transparencyLog } = await load();
    const records = Array.from({ length: 8 }, (_, i) => sha256(toUtf8Bytes(`record ${i}`)));
    const leaves = records.map((record) => sha256(concat(["0x00", record])));
    const [salt, top] = [sha256(toUtf8Bytes("salt")), root(leaves)];
    const digest = sha256(concat([toUtf8Bytes("ChartChain/batch/v1\0"), salt, top, toBeHex(8, 8)]));

    expect(await transparencyLog.batchDigest(salt, top, 8)).to.equal(digest);
    for (const [index, record] of records.entries()) {
      const proof = path(index, leaves);
      const verify = (under: string, size: number, at: number) =>
        transparencyLog.verifyInBatch(under, salt, top, size, record, at, proof);
      expect(await verify(digest, 8, index)).to.be.true;
      expect(await verify(digest, 8, index ^ 1)).to.be.false;
      expect(await verify(top, 8, index)).to.be.false;
      expect(await verify(digest, 9, index)).to.be.false;
    }
  });
});
