import { byteString, canonicalCodec, constant, integer, optional, text } from "./canonical-cbor.js";
import { domain } from "./domain.js";
import { participantField } from "./identifiers.js";
import { padmeSize } from "./padding.js";
import { decodeKind, encodeKind, kindField, kindOf, type RecordKind } from "./record-kind.js";
import { ciphertextSize } from "./segment-layout.js";
import { randomBytes, sha256 } from "./platform.js";

/** How the payload is sealed: Tink's streaming AEAD template over a plaintext padded with Padmé. */
export const PAYLOAD_SUITE = "AES256_GCM_HKDF_1MB/PADME";

/** What is anchored about a record, as a digest. It travels in the record's envelope and is never public itself. */
export interface Manifest extends RecordKind {
  version: 1;
  /** 16 random bytes; an amended record may keep its id. */
  recordId: Uint8Array;
  /** 32 random bytes, so that nobody can find the manifest from its digest by guessing. */
  salt: Uint8Array;
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of who keeps the record. */
  steward: number;
  /** Participant id of who wrote the record. */
  author: number;
  /** SHA-256 of the sealed record, 32 bytes. Which pack it lies in stands in its envelope alone. */
  sha256: Uint8Array;
  /** How long the sealed record is, in bytes. */
  length: number;
  /** Plaintext size in bytes. */
  size: number;
  /** Media type of the plaintext (RFC 6838), such as `application/fhir+json`. */
  mediaType: string;
  /** When it was sealed, in seconds since 1970. */
  createdAt: number;
  suite: typeof PAYLOAD_SUITE;
  /** 32 bytes, see {@link keyCommitment}. */
  keyCommitment: Uint8Array;
  /** Manifest digest (32 bytes) of the record that this one replaces. */
  amends?: Uint8Array;
  /** Manifest digest (32 bytes) of the record that this one contradicts. */
  disputes?: Uint8Array;
}

/** What {@link createManifest} does not fill in by itself. */
export type ManifestInput = Omit<Manifest, "version" | "salt" | "suite" | "length">;

// RFC 6838, section 4.2, and optional parameters such as `; fhirVersion=4.0`.
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}(; ?[\x21-\x7e]+)*$/i;

// The largest size whose padded size a stream can hold.
const MAX_SIZE = 2 ** 52 - 2 ** 45;

/** As it is encoded: the kind is three bytes. */
type EncodedManifest = Omit<Manifest, keyof RecordKind> & { kind: Uint8Array };

const codec = canonicalCodec<EncodedManifest>(
  "MANIFEST_MALFORMED",
  "manifest",
  {
    version: constant(1),
    recordId: byteString(16),
    salt: byteString(32),
    patient: participantField,
    steward: participantField,
    author: participantField,
    kind: kindField,
    sha256: byteString(32),
    length: integer(0, Number.MAX_SAFE_INTEGER),
    size: integer(0, MAX_SIZE),
    mediaType: text("a media type", (value) => value.length <= 255 && MEDIA_TYPE.test(value)),
    createdAt: integer(0, Number.MAX_SAFE_INTEGER),
    suite: constant(PAYLOAD_SUITE),
    keyCommitment: byteString(32),
    amends: optional(byteString(32)),
    disputes: optional(byteString(32)),
  },
  ({ size, length }) => (length === sealedLength(size) ? undefined : "length is not the sealed length of size"),
);

/**
 * A manifest with a fresh salt.
 *
 * @param input all that is known once the ciphertext is made; other properties are ignored
 * @throws `MANIFEST_MALFORMED` when a value is not allowed, `CRYPTO_INPUT_INVALID` when the size is none
 *
 * @example
 * const manifest = createManifest({
 *   recordId, keyCommitment, patient: 17, steward: 4, author: 4, category: 2, sha256, size,
 *   mediaType: "application/fhir+json", createdAt: Math.floor(Date.now() / 1000),
 * });
 */
export function createManifest(input: ManifestInput): Manifest {
  return decodeManifest(
    encodeManifest({
      version: 1,
      salt: randomBytes(32),
      suite: PAYLOAD_SUITE,
      recordId: input.recordId,
      patient: input.patient,
      steward: input.steward,
      author: input.author,
      ...kindOf(input),
      sha256: input.sha256,
      length: sealedLength(input.size),
      size: input.size,
      mediaType: input.mediaType,
      createdAt: input.createdAt,
      keyCommitment: input.keyCommitment,
      ...(input.amends === undefined ? {} : { amends: input.amends }),
      ...(input.disputes === undefined ? {} : { disputes: input.disputes }),
    }),
  );
}

/**
 * A manifest's one encoding, DAG-CBOR.
 *
 * @throws `MANIFEST_MALFORMED` when a field is missing, unknown or not allowed
 *
 * @example
 * const bytes = encodeManifest(manifest);
 */
export function encodeManifest({ category, classes, confidential, ...others }: Manifest): Uint8Array {
  const kind = encodeKind({ category, classes, confidential } as RecordKind);
  return codec.encode({ ...others, kind });
}

/**
 * Reads an encoded manifest.
 *
 * @throws `MANIFEST_MALFORMED` when it is not the one encoding of a manifest of this version
 *
 * @example
 * const manifest = decodeManifest(bytes);
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const { kind, ...others } = codec.decode(bytes);
  return { ...others, ...decodeKind(kind) };
}

/**
 * What is anchored on chain: SHA-256 over a domain label and the encoded manifest.
 *
 * @returns 32 bytes
 * @throws `MANIFEST_MALFORMED` as {@link encodeManifest}
 *
 * @example
 * await records.anchor(manifest.patient, manifestDigest(manifest));
 */
export function manifestDigest(manifest: Manifest): Uint8Array {
  return sha256(domain("manifest"), encodeManifest(manifest));
}

/**
 * What its author anchors to mark a record entered in error: SHA-256 over another domain label and the same manifest.
 *
 * Whoever has opened the record's envelope computes it and finds it in the patient's history. To everybody else it looks
 * like any other record's digest: the manifest's salt hides which one it belongs to. It counts from the record's author
 * alone; anybody who holds the envelope could anchor it.
 *
 * @returns 32 bytes
 * @throws `MANIFEST_MALFORMED` as {@link encodeManifest}
 *
 * @example
 * await records.anchor(manifest.patient, retractionDigest(manifest));
 */
export function retractionDigest(manifest: Manifest): Uint8Array {
  return sha256(domain("retraction"), encodeManifest(manifest));
}

/**
 * How long a sealed record is.
 *
 * @param size of the plaintext, in bytes
 * @returns bytes, the same for all sizes that pad to the same
 * @throws `CRYPTO_INPUT_INVALID` when the size is none
 */
export const sealedLength = (size: number): number => ciphertextSize(padmeSize(size));
