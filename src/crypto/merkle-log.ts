import { ChartChainError } from "../errors/index.js";
import { requireBytes } from "./bytes.js";
import { emptyRoot, leafHash, nodeHash } from "./merkle-proof.js";

const HASH_LENGTH = 32;

/**
 * An append-only Merkle tree, RFC 9162 section 2.1.
 *
 * Keeps the hashes of the leaves and of every complete subtree, 64 bytes an entry. Appending costs one or two hashes,
 * roots and proofs of any earlier size cost O(log² n) hashes.
 *
 * @example
 * const log = new MerkleLog();
 * const index = log.append(entry);
 * verifyInclusion({ entry, index, size: log.size, proof: log.inclusionProof(index), root: log.root() });
 */
export class MerkleLog {
  /** Level 0 has the leaves' hashes, level k those of the complete subtrees over 2^k leaves, side by side. */
  readonly #levels: HashList[] = [];

  /**
   * A log that was kept as leaf hashes.
   *
   * @param hashes 32 bytes each, in order
   * @throws `CRYPTO_INPUT_INVALID` when one has another length
   */
  static fromLeafHashes(hashes: Iterable<Uint8Array>): MerkleLog {
    const log = new MerkleLog();
    for (const hash of hashes) log.appendLeafHash(hash);
    return log;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  /**
   * Adds an entry.
   *
   * @returns its index
   */
  append(data: Uint8Array): number {
    return this.appendLeafHash(leafHash(data));
  }

  /**
   * Adds an entry of which only the {@link leafHash} is at hand.
   *
   * @returns its index
   * @throws `CRYPTO_INPUT_INVALID` when it is not 32 bytes
   */
  appendLeafHash(hash: Uint8Array): number {
    requireBytes(hash, HASH_LENGTH, "leaf hash");
    let node = hash;
    for (let height = 0; ; height++) {
      const level = (this.#levels[height] ??= new HashList());
      level.push(node);
      if (level.length % 2 === 1) return this.size - 1;
      node = nodeHash(level.at(level.length - 2), level.at(level.length - 1));
    }
  }

  /** The hash of one leaf. Throws `LOG_INDEX_OUT_OF_RANGE` when there is none. */
  leafHashAt(index: number): Uint8Array {
    this.#requireWithin(index, 0, this.size - 1, "index");
    return this.#subtree(index, index + 1);
  }

  /**
   * The root of the first `size` entries.
   *
   * @throws `LOG_INDEX_OUT_OF_RANGE` when there are fewer
   */
  root(size: number = this.size): Uint8Array {
    this.#requireWithin(size, 0, this.size, "size");
    return size === 0 ? emptyRoot() : this.#subtree(0, size);
  }

  /**
   * That entry `index` is among the first `size`, RFC 9162 section 2.1.3.1.
   *
   * @returns hashes from the leaf's sibling upwards
   * @throws `LOG_INDEX_OUT_OF_RANGE`
   */
  inclusionProof(index: number, size: number = this.size): Uint8Array[] {
    this.#requireWithin(size, 1, this.size, "size");
    this.#requireWithin(index, 0, size - 1, "index");
    const proof: Uint8Array[] = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      const middle = start + largestPowerBelow(end - start);
      if (index < middle) {
        proof.push(this.#subtree(middle, end));
        end = middle;
      } else {
        proof.push(this.#subtree(start, middle));
        start = middle;
      }
    }
    return proof.reverse();
  }

  /**
   * That the first `second` entries begin with the first `first`, RFC 9162 section 2.1.4.1.
   *
   * @returns hashes; none when `first` is 0 or equals `second`
   * @throws `LOG_INDEX_OUT_OF_RANGE`
   */
  consistencyProof(first: number, second: number = this.size): Uint8Array[] {
    this.#requireWithin(second, 0, this.size, "second");
    this.#requireWithin(first, 0, second, "first");
    if (first === 0 || first === second) return [];
    const proof: Uint8Array[] = [];
    let [start, end] = [0, second];
    while (first < end) {
      const middle = start + largestPowerBelow(end - start);
      if (first <= middle) {
        proof.push(this.#subtree(middle, end));
        end = middle;
      } else {
        proof.push(this.#subtree(start, middle));
        start = middle;
      }
    }
    // What remains is common to both; the verifier has it already where it is the whole first tree.
    if (start > 0) proof.push(this.#subtree(start, end));
    return proof.reverse();
  }

  /** Hash over the leaves from `start` to before `end`; `start` is a multiple of the smallest power of two ≥ the length. */
  #subtree(start: number, end: number): Uint8Array {
    const length = end - start;
    const height = Math.log2(length);
    if (Number.isInteger(height)) return (this.#levels[height] as HashList).at(start / length);
    const middle = start + largestPowerBelow(length);
    return nodeHash(this.#subtree(start, middle), this.#subtree(middle, end));
  }

  #requireWithin(value: number, min: number, max: number, name: string): void {
    if (Number.isSafeInteger(value) && value >= min && value <= max) return;
    throw new ChartChainError("LOG_INDEX_OUT_OF_RANGE", `${name} ${value} is not from ${min} to ${max}`, {
      details: { name, value, min, max },
      hint: `The log has ${this.size} entries: ask within them, or append first.`,
    });
  }
}

/** Hashes side by side in one array that doubles when it is full: an array of objects takes several times the memory. */
class HashList {
  length = 0;
  #bytes = new Uint8Array(HASH_LENGTH * 4);

  push(hash: Uint8Array): void {
    const offset = this.length * HASH_LENGTH;
    if (offset === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(hash, offset);
    this.length++;
  }

  at(index: number): Uint8Array {
    return this.#bytes.slice(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
  }
}

/** The largest power of two below `length`, which is at least 2. */
function largestPowerBelow(length: number): number {
  return 2 ** ((length - 1).toString(2).length - 1);
}

/**
 * Root of a list of entries.
 *
 * @returns 32 bytes
 *
 * @example
 * rootOf([]); // SHA-256 of nothing
 */
export function rootOf(leaves: Iterable<Uint8Array>): Uint8Array {
  return logOf(leaves).root();
}

/**
 * Inclusion proof for one of a list of entries; for more than one proof build a {@link MerkleLog} once.
 *
 * @throws `LOG_INDEX_OUT_OF_RANGE`
 *
 * @example
 * const proof = inclusionProof(entries, 3);
 */
export function inclusionProof(leaves: Iterable<Uint8Array>, index: number): Uint8Array[] {
  return logOf(leaves).inclusionProof(index);
}

/**
 * Consistency proof from the first entries of a list to all of them.
 *
 * @throws `LOG_INDEX_OUT_OF_RANGE`
 *
 * @example
 * const proof = consistencyProof(entries, 100);
 */
export function consistencyProof(leaves: Iterable<Uint8Array>, first: number): Uint8Array[] {
  return logOf(leaves).consistencyProof(first);
}

function logOf(leaves: Iterable<Uint8Array>): MerkleLog {
  const log = new MerkleLog();
  for (const leaf of leaves) log.append(leaf);
  return log;
}
