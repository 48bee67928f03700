import { randomBytes } from "node:crypto";
import { type Engine, fromBase64 } from "../engine.js";
import { hexOf } from "./hex.js";
import { proofsDigest } from "./proofs-digest.js";

const TREES = 130;

/** The reference leaves of Certificate Transparency. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/** Indices and sizes of trees that nobody builds, with the length of the proof. */
const HUGE = [
  [0, 2 ** 31 + 1, 32],
  [2 ** 32, 2 ** 32 + 1, 1],
  [2 ** 40 - 1, 2 ** 40, 40],
  [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, 52],
] as const;

interface Everything {
  root: string;
  inclusion: (string[] | null)[];
  consistency: (string[] | null)[];
}

/** Roots and proofs of transparency-dev's Merkle trees. */
export async function merkleVectors(peer: Engine): Promise<object> {
  await peer.ask("build", { Leaves: LEAVES.map((leaf) => Buffer.from(leaf, "hex")) });
  const roots: string[] = [];
  for (let Size = 0; Size <= LEAVES.length; Size++) roots.push(hexOf(await peer.askBytes("root", { Size })));
  return {
    source: `Roots and proofs made by transparency-dev/merkle ${(await peer.versions())["github.com/transparency-dev/merkle"]}: first over the reference leaves of Certificate Transparency; in trees over the ASCII texts "leaf 0", "leaf 1" and so on; in huge over random proofs.`,
    leaves: LEAVES,
    roots,
    proofs: await shortProofs(peer),
    trees: await trees(peer),
    huge: await huge(peer),
  };
}

/** The proofs that RFC 9162 draws in section 2.1.5, over the first seven leaves. */
async function shortProofs(peer: Engine): Promise<object> {
  const Size = 7;
  const inclusion: object[] = [];
  for (const Index of [0, 3, 4, 6]) {
    inclusion.push({ index: Index, size: Size, proof: inHex(await peer.ask("inclusion", { Index, Size })) });
  }
  const consistency: object[] = [];
  for (const First of [3, 4, 6]) {
    const proof = inHex(await peer.ask("consistency", { First, Second: Size }));
    consistency.push({ first: First, second: Size, proof });
  }
  return { inclusion, consistency };
}

async function trees(peer: Engine): Promise<object[]> {
  await peer.ask("build", { Leaves: Array.from({ length: TREES }, (_, i) => Buffer.from(`leaf ${i}`)) });
  const made: object[] = [];
  for (let size = 0; size <= TREES; size++) {
    const { root, inclusion, consistency } = await peer.ask<Everything>("all", { Size: size });
    made.push({
      size,
      root: hexOf(fromBase64(root)),
      inclusionSha256: proofsDigest(inclusion.map(hashes)),
      consistencySha256: proofsDigest(consistency.map(hashes)),
    });
  }
  return made;
}

async function huge(peer: Engine): Promise<object[]> {
  const made: object[] = [];
  for (const [index, size, length] of HUGE) {
    const entry = randomBytes(20);
    const proof = Array.from({ length }, () => randomBytes(32));
    const root = await peer.askBytes("rootOver", { Entry: entry, Index: index, Size: size, Proof: proof });
    made.push({ index, size, entry: hexOf(entry), proof: proof.map(hexOf), root: hexOf(root) });
  }
  return made;
}

const hashes = (encoded: string[] | null): Uint8Array[] => (encoded ?? []).map(fromBase64);
const inHex = (encoded: string[] | null): string[] => hashes(encoded).map(hexOf);
