import { bytesToHex } from "@noble/hashes/utils.js";

import { ChartChainError } from "../errors/index.js";
import { concatBytes, requireBytes } from "./bytes.js";
import { byteString, canonicalCodec, constant, integer } from "./canonical-cbor.js";
import { bigEndian, domain } from "./domain.js";
import { MerkleLog } from "./merkle-log.js";
import { verifyInclusion } from "./merkle-proof.js";
import { shuffled } from "./shuffled.js";
import { equalBytes, hmacSha256, randomBytes, sha256 } from "./platform.js";

/** How many records a batch is filled up to, so that its size tells only the order of magnitude. */
export const BATCH_SIZES: readonly number[] = [1, 8, 64, 512, 4_096, 32_768];

const MAX_SIZE = 32_768;
const DIGEST = 32;

/** What a batch's digest is made of. Whoever proves a record in a batch shows it. */
export interface BatchHeader {
  /** 32 random bytes, so that nobody finds a batch's records by trying. */
  salt: Uint8Array;
  /** How many records, dummies included. */
  size: number;
  /** RFC 9162 root over the records' digests, 32 bytes. */
  root: Uint8Array;
}

/** That a record is in a batch. It names no other record. */
export interface BatchProof extends BatchHeader {
  /** The record's place in the batch, from 0. */
  index: number;
  /** Hashes from the leaf's sibling upwards, 32 bytes each, one after the other: 480 bytes at the most. */
  path: Uint8Array;
}

interface BatchList {
  version: 1;
  salt: Uint8Array;
  /** The records' digests, one after the other. */
  records: Uint8Array;
}

const proofCodec = canonicalCodec<BatchProof & { version: 1 }>("BATCH_MALFORMED", "batch proof", {
  version: constant(1),
  salt: byteString(32),
  size: integer(1, MAX_SIZE),
  root: byteString(DIGEST),
  index: integer(0, MAX_SIZE - 1),
  path: byteString(0, 15 * DIGEST),
});

const codec = canonicalCodec<BatchList>(
  "BATCH_MALFORMED",
  "batch",
  { version: constant(1), salt: byteString(32), records: byteString(DIGEST, MAX_SIZE * DIGEST) },
  ({ records }) => (records.length % DIGEST === 0 ? undefined : "a record's digest is cut"),
  MAX_SIZE * DIGEST + 256,
);

/**
 * Several records of one patient under one digest: an RFC 9162 tree over the records' digests, salted.
 *
 * The whole list is for the patient and the author. Somebody else gets the proof of each record that is meant for him: the
 * list names digests of records that he may not know of.
 *
 * @example
 * const batch = Batch.of(manifests.map(manifestDigest));
 * await records.anchorBatch({ patient: 17, count: batch.header.size, digest: batch.digest() });
 * verifyInBatch({ digest: batch.digest(), record, proof: batch.proofOf(record)! });
 */
export class Batch {
  /** Digests of the records, and dummies, in the order of the tree. */
  readonly records: readonly Uint8Array[];
  readonly header: BatchHeader;
  readonly #tree = new MerkleLog();
  readonly #places = new Map<string, number>();

  private constructor(salt: Uint8Array, records: readonly Uint8Array[]) {
    this.records = records;
    for (const record of records) this.#places.set(bytesToHex(record), this.#tree.append(record));
    this.header = { salt, size: records.length, root: this.#tree.root() };
  }

  /**
   * A batch of these records, filled up with random dummies to the next of {@link BATCH_SIZES}, in random order. Nobody can
   * tell a dummy from a record that he hasn't got.
   *
   * @param records manifest digests, 32 bytes each, each once, 32,768 at the most
   * @param least how many places it has at least; with some it may also be of dummies alone
   * @param secret 32 bytes, for nothing else: who knows it makes the same batch of the same records again; random when left out
   * @throws `CRYPTO_INPUT_INVALID`
   */
  static of(records: readonly Uint8Array[], least = records.length, secret?: Uint8Array): Batch {
    for (const record of records) requireBytes(record, DIGEST, "record");
    if (secret !== undefined) requireBytes(secret, 32, "secret");
    const size = least === 0 ? undefined : BATCH_SIZES.find((step) => step >= Math.max(records.length, least));
    if (size === undefined || hasTwice(records)) {
      throw new ChartChainError("CRYPTO_INPUT_INVALID", "a batch has 1 to 32,768 records, each once", {
        details: { records: records.length },
        hint: "Split the records into several batches, and give each record once.",
      });
    }
    const filled: Uint8Array[] = [...records].sort(byteOrder).map((each) => Uint8Array.from(each));
    const seed = secret && hmacSha256(secret, concatBytes(bigEndian(size, 8), ...filled));
    const random = (place: number) =>
      seed === undefined ? randomBytes(DIGEST) : hmacSha256(seed, bigEndian(place, 8));
    while (filled.length < size) filled.push(random(filled.length));
    if (seed === undefined) return new Batch(random(size), shuffled(filled));
    const placed = filled.map((each) => ({ each, order: hmacSha256(seed, each) }));
    placed.sort((a, b) => byteOrder(a.order, b.order));
    return new Batch(
      random(size),
      placed.map(({ each }) => each),
    );
  }

  /**
   * Reads a batch as {@link encode} writes it.
   *
   * @throws `BATCH_MALFORMED`
   */
  static decode(bytes: Uint8Array): Batch {
    const { salt, records } = codec.decode(bytes);
    const size = records.length / DIGEST;
    return new Batch(
      salt,
      Array.from({ length: size }, (_, i) => records.slice(i * DIGEST, (i + 1) * DIGEST)),
    );
  }

  /** The batch's one encoding, DAG-CBOR: salt and all digests, from which size and root follow. */
  encode(): Uint8Array {
    return codec.encode({ version: 1, salt: this.header.salt, records: concatBytes(...this.records) });
  }

  /** What is anchored, see {@link batchDigest}. */
  digest(): Uint8Array {
    return batchDigest(this.header);
  }

  /** The proof of a record; `undefined` when it isn't in the batch. */
  proofOf(record: Uint8Array): BatchProof | undefined {
    const index = this.#places.get(bytesToHex(record));
    if (index === undefined) return undefined;
    return { ...this.header, index, path: concatBytes(...this.#tree.inclusionProof(index)) };
  }
}

/**
 * A proof's one encoding, DAG-CBOR.
 *
 * @throws `BATCH_MALFORMED`
 */
export function encodeBatchProof({ salt, size, root, index, path }: BatchProof): Uint8Array {
  return proofCodec.encode({ version: 1, salt, size, root, index, path });
}

/**
 * Reads a proof as {@link encodeBatchProof} writes it.
 *
 * @throws `BATCH_MALFORMED`
 */
export function decodeBatchProof(bytes: Uint8Array): BatchProof {
  const { salt, size, root, index, path } = proofCodec.decode(bytes);
  return { salt, size, root, index, path };
}

/**
 * What is anchored of a batch: SHA-256("ChartChain/batch/v1\0" ‖ salt ‖ root ‖ size in 8 bytes, big-endian). The same as
 * `TransparencyLog.batchDigest` on chain.
 *
 * @returns 32 bytes
 */
export function batchDigest({ salt, root, size }: BatchHeader): Uint8Array {
  requireBytes(salt, 32, "salt");
  requireBytes(root, DIGEST, "root");
  return sha256(domain("batch"), salt, root, bigEndian(size, 8));
}

/**
 * Whether a record is in the batch that is anchored under a digest. That the chain counts as many records for the batch as the
 * header says is for the caller to compare.
 *
 * @param digest the batch's digest, from the chain, 32 bytes
 * @param record the record's manifest digest, 32 bytes
 * @returns false for everything that isn't so, also for values that make no sense
 */
export function verifyInBatch({
  digest,
  record,
  proof: { salt, size, root, index, path },
}: {
  digest: Uint8Array;
  record: Uint8Array;
  proof: BatchProof;
}): boolean {
  const shaped = [salt, root, record, digest].every((bytes) => bytes instanceof Uint8Array && bytes.length === DIGEST);
  if (!shaped || path.length % DIGEST !== 0 || !Number.isInteger(size) || size < 1 || size > MAX_SIZE) return false;
  const proof = Array.from({ length: path.length / DIGEST }, (_, i) => path.subarray(i * DIGEST, (i + 1) * DIGEST));
  return (
    equalBytes(batchDigest({ salt, size, root }), digest) &&
    verifyInclusion({ entry: record, index, size, proof, root })
  );
}

const hasTwice = (records: readonly Uint8Array[]): boolean => new Set(records.map(bytesToHex)).size < records.length;

const byteOrder = (a: Uint8Array, b: Uint8Array): number => {
  const [one, other] = [bytesToHex(a), bytesToHex(b)];
  return one < other ? -1 : one > other ? 1 : 0;
};
