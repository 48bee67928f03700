import { requireBytes } from "./bytes.js";
import { type PayloadBinding, payloadAssociatedData } from "./associated-data.js";
import { keyCommitment, requireCommittedKey } from "./key-commitment.js";
import { type Manifest, sealedLength } from "./manifest.js";
import { type ReadRange, openRange, requireRange } from "./open-range.js";
import { checked, hashing } from "./pack.js";
import { padStream, unpadStream } from "./padding.js";
import type { ByteStream } from "./segments.js";
import { openStream, sealStream } from "./streaming-aead.js";
import { randomBytes } from "./platform.js";

/** What to seal. */
export interface SealRecordOptions {
  /** The plaintext. */
  source: ByteStream;
  /** Its exact size in bytes. */
  size: number;
  /** 16 bytes, to keep the id of the record that this one amends; random when left out. */
  recordId?: Uint8Array;
  /** Manifest digest (32 bytes) of the version that this one replaces. */
  amends?: Uint8Array;
}

/** A record that is being sealed: its ciphertext is made while it is read, once. */
export interface SealedRecord {
  /** Segments of 1 MiB, see {@link sealStream}. */
  ciphertext: AsyncGenerator<Uint8Array>;
  /** How long the ciphertext will be, in bytes. */
  length: number;
  /** SHA-256 of the ciphertext, 32 bytes, once it was read. Throws `CRYPTO_INPUT_INVALID` before that. */
  sha256: () => Uint8Array;
  /** The fresh random key, 32 bytes, for the envelope; {@link wipe} it afterwards. */
  dek: Uint8Array;
  recordId: Uint8Array;
  /** Size of the plaintext in bytes. */
  size: number;
  /** 32 bytes for the manifest. */
  keyCommitment: Uint8Array;
  /** What the ciphertext is bound to. */
  associatedData: Uint8Array;
  amends?: Uint8Array;
}

/**
 * Pads and seals a record under a fresh random key.
 *
 * @returns the ciphertext stream and what the manifest and the envelope need; store the stream in a pack, then make the
 * manifest with the hash that came out
 * @throws `CRYPTO_INPUT_INVALID` at once when a parameter is not valid; `SIZE_MISMATCH` from the stream when the source is
 * longer or shorter than declared
 *
 * @example
 * const sealed = sealRecord({ source: createReadStream(path), size });
 * const pack = packRecords([sealed]);
 * const { cid } = await store.put(pack.stream);
 * const manifest = createManifest({ ...sealed, sha256: sealed.sha256(), patient, steward, author, category, mediaType, createdAt });
 */
export function sealRecord(options: SealRecordOptions): SealedRecord {
  const { source, size, amends } = options;
  const recordId = Uint8Array.from(options.recordId ?? randomBytes(16));
  const binding: PayloadBinding = { recordId, ...(amends === undefined ? {} : { amends }) };
  const associatedData = payloadAssociatedData(binding);
  const length = sealedLength(size);
  const dek = randomBytes(32);
  let hash: Uint8Array | undefined;
  return {
    ...binding,
    ciphertext: hashing(sealStream(padStream(source, size), { key: dek, associatedData }), (ended) => (hash = ended)),
    length,
    sha256: () => {
      requireBytes(hash, 32, "the hash of the ciphertext that was read to its end");
      return hash;
    },
    dek,
    size,
    keyCommitment: keyCommitment(dek, recordId),
    associatedData,
  };
}

/** What opening a record needs besides its ciphertext: the content of its envelope. */
export interface OpenRecordOptions {
  /** The record's key, 32 bytes. */
  dek: Uint8Array;
  /** The record's manifest; check that its digest is anchored first. */
  manifest: Manifest;
}

/**
 * Opens a record: verified plaintext without padding.
 *
 * @param options.ciphertext the sealed stream
 * @returns exactly `manifest.size` bytes; complete only once the generator has ended without throwing
 * @throws `KEY_COMMITMENT_MISMATCH` when the key is not the one that the manifest commits to
 * @throws `CIPHERTEXT_REFUSED`, `SIZE_MISMATCH` or `PADDING_INVALID` when the stream is not the one that was sealed
 *
 * @example
 * for await (const chunk of openRecordStream({ ciphertext: readPacked(store, place, manifest.length), dek, manifest })) await file.write(chunk);
 */
export async function* openRecordStream(
  options: OpenRecordOptions & { ciphertext: ByteStream },
): AsyncGenerator<Uint8Array> {
  const { ciphertext, dek, manifest } = options;
  requireCommittedKey(dek, manifest);
  const associatedData = payloadAssociatedData(manifest);
  const sealed = checked(ciphertext, manifest.sha256);
  yield* unpadStream(openStream(sealed, { key: dek, associatedData }), manifest.size);
}

/**
 * Opens a part of a record, reading only the segments that hold it. It can't tell whether the rest is what the manifest
 * names: each byte was sealed by somebody who has the record's key, who need not be the author.
 *
 * @param options.read gives ciphertext bytes
 * @param options.offset first plaintext byte
 * @param options.length how many plaintext bytes
 * @returns exactly `length` bytes, each of them verified
 * @throws `RANGE_OUT_OF_BOUNDS` when the range reaches beyond the record
 * @throws `KEY_COMMITMENT_MISMATCH`, `CIPHERTEXT_REFUSED`
 *
 * @example
 * const preamble = openRecordRange({ read, dek, manifest, offset: 0, length: 132 });
 */
export async function* openRecordRange(
  options: OpenRecordOptions & { read: ReadRange; offset: number; length: number },
): AsyncGenerator<Uint8Array> {
  const { read, dek, manifest, offset, length } = options;
  requireCommittedKey(dek, manifest);
  requireRange(offset, length, manifest.size);
  yield* openRange(read, {
    key: dek,
    associatedData: payloadAssociatedData(manifest),
    ciphertextSize: manifest.length,
    offset,
    length,
  });
}
