import { createHash, randomBytes } from "node:crypto";
import { CID } from "multiformats/cid";
import { byteString, canonicalCodec, constant, integer, optional, text } from "./canonical-cbor.js";
import { domain } from "./domain.js";
import { categoryField, participantField } from "./identifiers.js";
import { padmeSize } from "./padding.js";

/** How the payload is sealed: Tink's streaming AEAD template over a plaintext padded with Padmé. */
export const PAYLOAD_SUITE = "AES256_GCM_HKDF_1MB/PADME";

/** What is anchored about a record, as a digest. It travels in the record's envelope and is never public itself. */
export interface Manifest {
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
  /** 0 (SUMMARY) to 7 (SENSITIVE). */
  category: number;
  /** CIDv1 of the ciphertext, in base32. */
  cid: string;
  /** Plaintext size in bytes. */
  size: number;
  /** Plaintext size after padding, in bytes. */
  paddedSize: number;
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
export type ManifestInput = Omit<Manifest, "version" | "salt" | "suite" | "paddedSize">;

// RFC 6838, section 4.2, and optional parameters such as `; fhirVersion=4.0`.
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}(; ?[\x21-\x7e]+)*$/i;
const SHA2_256 = 0x12;

const codec = canonicalCodec<Manifest>(
  "MANIFEST_MALFORMED",
  "manifest",
  {
    version: constant(1),
    recordId: byteString(16),
    salt: byteString(32),
    patient: participantField,
    steward: participantField,
    author: participantField,
    category: categoryField,
    cid: text("a base32 CIDv1 over sha2-256", isCid),
    size: integer(0, 2 ** 52),
    paddedSize: integer(0, Number.MAX_SAFE_INTEGER),
    mediaType: text("a media type", (value) => value.length <= 255 && MEDIA_TYPE.test(value)),
    createdAt: integer(0, Number.MAX_SAFE_INTEGER),
    suite: constant(PAYLOAD_SUITE),
    keyCommitment: byteString(32),
    amends: optional(byteString(32)),
    disputes: optional(byteString(32)),
  },
  ({ size, paddedSize }) => (paddedSize === padmeSize(size) ? undefined : "paddedSize is not the padded size of size"),
);

/**
 * A manifest with a fresh salt.
 *
 * @param input all that is known once the ciphertext is stored; other properties are ignored
 * @throws `MANIFEST_MALFORMED` when a value is not allowed, `CRYPTO_INPUT_INVALID` when the size is none
 *
 * @example
 * const manifest = createManifest({
 *   recordId, keyCommitment, patient: 17, steward: 4, author: 4, category: 2, cid, size,
 *   mediaType: "application/fhir+json", createdAt: Math.floor(Date.now() / 1000),
 * });
 */
export function createManifest(input: ManifestInput): Manifest {
  return codec.decode(
    codec.encode({
      version: 1,
      salt: randomBytes(32),
      suite: PAYLOAD_SUITE,
      recordId: input.recordId,
      patient: input.patient,
      steward: input.steward,
      author: input.author,
      category: input.category,
      cid: input.cid,
      size: input.size,
      paddedSize: padmeSize(input.size),
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
export function encodeManifest(manifest: Manifest): Uint8Array {
  return codec.encode(manifest);
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
  return codec.decode(bytes);
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
  const hash = createHash("sha256").update(domain("manifest")).update(encodeManifest(manifest));
  return new Uint8Array(hash.digest());
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
  const hash = createHash("sha256").update(domain("retraction")).update(encodeManifest(manifest));
  return new Uint8Array(hash.digest());
}

function isCid(value: string): boolean {
  try {
    const cid = CID.parse(value);
    // Only the base32 form of a version 1 CID comes out as it went in.
    return cid.version === 1 && cid.multihash.code === SHA2_256 && cid.toString() === value;
  } catch {
    return false;
  }
}
