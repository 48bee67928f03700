import { equalBytes, sha256 } from "./platform.js";

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/**
 * Hash of a leaf: SHA-256(0x00 ‖ data), RFC 9162 section 2.1.1.
 *
 * @param data the entry
 * @returns 32 bytes
 *
 * @example
 * const log = MerkleLog.fromLeafHashes(entries.map(leafHash));
 */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, data);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). The prefix keeps a node from passing as a leaf. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIX, left, right);
}

/** Hash of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256();
}

/** That an entry is in a log. */
export interface InclusionClaim {
  /** The entry itself. Not its hash: an inner node's hash in that place would pass. */
  entry: Uint8Array;
  /** Its place in the log, from 0 on. */
  index: number;
  /** How many entries the log has. */
  size: number;
  /** Hashes from the leaf's sibling upwards, 32 bytes each. */
  proof: readonly Uint8Array[];
  /** The log's root, 32 bytes. */
  root: Uint8Array;
}

/**
 * Checks an inclusion proof, RFC 9162 section 2.1.3.2.
 *
 * @returns true when the proof leads from the leaf at that place to the root; false for everything else, also for values
 * that make no sense
 *
 * @example
 * if (!verifyInclusion({ entry, index, size, proof, root })) throw new Error("not in the log");
 */
export function verifyInclusion({ entry, index, size, proof, root }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes(root, ...proof)) return false;
  // Halving instead of shifting: a shift would cut counts to 32 bits.
  let node = index;
  let lastNode = size - 1;
  let hash = leafHash(entry);
  for (const sibling of proof) {
    if (lastNode === 0) return false;
    if (node % 2 === 1 || node === lastNode) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        lastNode = Math.floor(lastNode / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    lastNode = Math.floor(lastNode / 2);
  }
  return lastNode === 0 && equalBytes(hash, root);
}

/** That a log only grew. */
export interface ConsistencyClaim {
  /** How many entries the earlier state of the log has. */
  first: number;
  /** How many entries the later state has. */
  second: number;
  /** Root of the earlier state, 32 bytes. */
  firstRoot: Uint8Array;
  /** Root of the later state, 32 bytes. */
  secondRoot: Uint8Array;
  /** Hashes, 32 bytes each; empty when either state is empty or both are the same. */
  proof: readonly Uint8Array[];
}

/**
 * Checks a consistency proof, RFC 9162 section 2.1.4.2.
 *
 * @returns true when the later state begins with all entries of the earlier one, in order; the empty log is consistent
 * with everything
 *
 * @example
 * if (!verifyConsistency({ first, second, firstRoot, secondRoot, proof })) throw new Error("the log was rewritten");
 */
export function verifyConsistency({ first, second, firstRoot, secondRoot, proof }: ConsistencyClaim): boolean {
  if (!isCount(first) || !isCount(second) || first > second) return false;
  if (!areHashes(firstRoot, secondRoot, ...proof)) return false;
  if (first === second) return proof.length === 0 && equalBytes(firstRoot, secondRoot);
  if (first === 0) return proof.length === 0 && equalBytes(firstRoot, emptyRoot());

  let node = first - 1;
  let lastNode = second - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    lastNode = Math.floor(lastNode / 2);
  }
  // A complete first tree is itself the subtree to start from, and the proof leaves it out.
  const [start, ...path] = node === 0 ? [firstRoot, ...proof] : proof;
  if (start === undefined) return false;
  let firstHash = start;
  let secondHash = start;
  for (const sibling of path) {
    if (lastNode === 0) return false;
    if (node % 2 === 1 || node === lastNode) {
      firstHash = nodeHash(sibling, firstHash);
      secondHash = nodeHash(sibling, secondHash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        lastNode = Math.floor(lastNode / 2);
      }
    } else {
      secondHash = nodeHash(secondHash, sibling);
    }
    node = Math.floor(node / 2);
    lastNode = Math.floor(lastNode / 2);
  }
  return lastNode === 0 && equalBytes(firstHash, firstRoot) && equalBytes(secondHash, secondRoot);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(...values: Uint8Array[]): boolean {
  return values.every((value) => value instanceof Uint8Array && value.length === 32);
}
