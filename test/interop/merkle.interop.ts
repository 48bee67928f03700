import { randomBytes } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  type ConsistencyClaim,
  type InclusionClaim,
  MerkleLog,
  emptyRoot,
  verifyConsistency,
  verifyInclusion,
} from "../../src/crypto/index.js";
import { expectBytes } from "../crypto/helpers.js";
import { type Engine, engineFor, fromBase64 } from "./engine.js";
import { Ledger } from "./ledger.js";

/** Every size up to here is checked in full: all roots, all inclusion proofs, all consistency proofs. */
const EXHAUSTIVE = 130;

type Claim = InclusionClaim | ConsistencyClaim;

describe("RFC 9162 of transparency-dev", () => {
  const ledger = new Ledger("transparency-dev/merkle");
  let peer: Engine;

  before(async function () {
    peer = await engineFor(this, "merkle", ledger, "github.com/transparency-dev/merkle");
  });

  after(() => {
    peer?.close();
    ledger.close();
  });

  it(`has the same roots and proofs for every size from 0 to ${EXHAUSTIVE}, and each accepts the other's`, async () => {
    const leaves = Array.from({ length: EXHAUSTIVE }, () => entry());
    const log = logOf(leaves);
    await peer.ask("build", { Leaves: leaves });

    for (let size = 0; size <= EXHAUSTIVE; size++) {
      const theirs = await peer.ask<{
        root: string;
        inclusion: (string[] | null)[];
        consistency: (string[] | null)[];
      }>("all", { Size: size });
      const root = log.root(size);
      expectBytes(fromBase64(theirs.root), root);
      ledger.count("roots equal");

      const claims: Claim[] = [];
      theirs.inclusion.forEach((encoded, index) => {
        const proof = hashes(encoded);
        expectProof(log.inclusionProof(index, size), proof);
        claims.push({ entry: leaves[index] as Uint8Array, index, size, proof, root });
        ledger.count("inclusion proofs equal");
      });
      theirs.consistency.forEach((encoded, first) => {
        const proof = hashes(encoded);
        expectProof(log.consistencyProof(first, size), proof);
        claims.push({ first, second: size, firstRoot: log.root(first), secondRoot: root, proof });
        ledger.count("consistency proofs equal");
      });
      expect(claims.length).to.equal(2 * size + 1);
      expect(await verdicts(claims), `size ${size}`).to.deep.equal(claims.map(() => true));
      for (const claim of claims) expect(accepts(claim), `size ${size}`).to.equal(true);
    }
  });

  it("has the same roots and proofs for large random sizes", async () => {
    const leaves = Array.from({ length: 20_000 }, () => entry());
    const log = logOf(leaves);
    await peer.ask("build", { Leaves: leaves });
    const size = fc.integer({ min: 131, max: leaves.length });

    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (second, a, b) => {
        const index = a % second;
        const first = b % (second + 1);
        const root = log.root(second);
        expectBytes(await peer.askBytes("root", { Size: second }), root);
        const inclusion = log.inclusionProof(index, second);
        expectProof(inclusion, hashes(await peer.ask("inclusion", { Index: index, Size: second })));
        const consistency = log.consistencyProof(first, second);
        expectProof(consistency, hashes(await peer.ask("consistency", { First: first, Second: second })));
        const claims: Claim[] = [
          { entry: leaves[index] as Uint8Array, index, size: second, proof: inclusion, root },
          { first, second, firstRoot: log.root(first), secondRoot: root, proof: consistency },
        ];
        expect(await verdicts(claims)).to.deep.equal([true, true]);
        expect(claims.map(accepts)).to.deep.equal([true, true]);
        ledger.count("large trees equal");
      }),
      { numRuns: 200 },
    );
  });

  it("finds the same root over a proof in trees too large to build, up to 2^53 leaves", async () => {
    const large = fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER });
    await fc.assert(
      fc.asyncProperty(large, fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), async (size, somewhere) => {
        const index = fromEnd(somewhere, size);
        const proof = Array.from({ length: proofLength(index, size) }, () => hash());
        const request = { Entry: entry(), Index: index, Size: size, Proof: proof };
        const root = await peer.askBytes("rootOver", request);
        const claim = { entry: request.Entry, index, size, proof, root };
        expect(verifyInclusion(claim)).to.equal(true);
        expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).to.equal(false);
        expect(verifyInclusion({ ...claim, proof: [...proof, hash()] })).to.equal(false);
        ledger.count("proofs over huge trees equal");
      }),
      { numRuns: 300 },
    );
  });

  it("says the same about claims that were changed", async () => {
    const leaves = Array.from({ length: 70 }, () => entry());
    const log = logOf(leaves);
    const size = fc.integer({ min: 1, max: leaves.length });
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.infiniteStream(fc.nat()), async (second, n, random) => {
        const next = (below: number): number => (random.next().value ?? 0) % below;
        const index = n % second;
        const first = 1 + (n % second);
        const root = log.root(second);
        const inclusion: InclusionClaim = {
          entry: leaves[index] as Uint8Array,
          index,
          size: second,
          proof: log.inclusionProof(index, second),
          root,
        };
        const consistency: ConsistencyClaim = {
          first,
          second,
          firstRoot: log.root(first),
          secondRoot: root,
          proof: log.consistencyProof(first, second),
        };
        const claims: Claim[] = [
          { ...inclusion, index: next(80) },
          { ...inclusion, size: next(80) },
          { ...inclusion, entry: entry() },
          { ...inclusion, root: log.root(next(71)) },
          { ...inclusion, proof: changedProof(inclusion.proof, next) },
          { ...consistency, first: 1 + next(80) },
          { ...consistency, second: next(80) },
          { ...consistency, firstRoot: log.root(next(71)) },
          { ...consistency, secondRoot: log.root(next(71)) },
          { ...consistency, proof: changedProof(consistency.proof, next) },
        ];
        expect(await verdicts(claims)).to.deep.equal(claims.map(accepts));
        ledger.count("verdicts on changed claims equal", claims.length);
      }),
      { numRuns: 1000 },
    );
  });

  it("differs in one place only: it takes any root for that of an empty log, where we want the one of RFC 9162", async () => {
    const secondRoot = logOf([entry()]).root();
    const claim = { first: 0, second: 1, secondRoot, proof: [] };
    const wrong = { ...claim, firstRoot: hash() };
    expect(await verdicts([wrong, { ...claim, firstRoot: emptyRoot() }])).to.deep.equal([true, true]);
    expect(verifyConsistency(wrong)).to.equal(false);
    expect(verifyConsistency({ ...claim, firstRoot: emptyRoot() })).to.equal(true);
  });

  async function verdicts(claims: Claim[]): Promise<boolean[]> {
    const asked = claims.map((claim) =>
      "entry" in claim
        ? {
            Kind: "inclusion",
            Entry: claim.entry,
            Index: claim.index,
            Size: claim.size,
            Proof: claim.proof,
            Root: claim.root,
          }
        : {
            Kind: "consistency",
            First: claim.first,
            Second: claim.second,
            FirstRoot: claim.firstRoot,
            SecondRoot: claim.secondRoot,
            Proof: claim.proof,
          },
    );
    return peer.ask("verify", { Claims: asked });
  }
});

const accepts = (claim: Claim): boolean => ("entry" in claim ? verifyInclusion(claim) : verifyConsistency(claim));
const hash = (): Uint8Array => Uint8Array.from(randomBytes(32));
const entry = (): Uint8Array => Uint8Array.from(randomBytes(Math.floor(Math.random() * 100)));
const hashes = (encoded: string[] | null): Uint8Array[] => (encoded ?? []).map(fromBase64);

function logOf(leaves: Uint8Array[]): MerkleLog {
  const log = new MerkleLog();
  for (const leaf of leaves) log.append(leaf);
  return log;
}

function expectProof(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  const hex = (proof: readonly Uint8Array[]) => proof.map((node) => Buffer.from(node).toString("hex"));
  expect(hex(actual)).to.deep.equal(hex(expected));
}

/** One hash dropped, doubled, swapped, replaced or added; from an empty proof only added. */
function changedProof(proof: readonly Uint8Array[], next: (below: number) => number): Uint8Array[] {
  if (proof.length === 0) return [hash()];
  const place = next(proof.length);
  const changes = [
    proof.toSpliced(place, 1),
    proof.toSpliced(place, 0, proof[place] as Uint8Array),
    proof.toSpliced(place, 1, hash()),
    proof.toSpliced(place, 0, hash()),
    [...proof].reverse(),
  ];
  return changes[next(changes.length)] as Uint8Array[];
}

/** Half of the indices near the end of the tree, where its shape is irregular. */
function fromEnd(somewhere: number, size: number): number {
  return somewhere % 2 === 0 ? somewhere % size : size - 1 - (somewhere % Math.min(size, 1000));
}

/** How many hashes an inclusion proof has: one for each split on the way down to the leaf (RFC 9162, section 2.1.3). */
function proofLength(index: number, size: number): number {
  let [length, offset, width] = [0, index, size];
  while (width > 1) {
    const left = 2 ** ((width - 1).toString(2).length - 1);
    if (offset < left) width = left;
    else [offset, width] = [offset - left, width - left];
    length++;
  }
  return length;
}
