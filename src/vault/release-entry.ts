import { decode, encode } from "@ipld/dag-cbor";
import { refuseNewer } from "../errors/index.js";
import { fromHex, toHex } from "./bytes.js";
import { requireBytes, requireHex, requireInteger, requireParticipant } from "./input.js";

/** That keys were handed out, and on what decision. */
export interface Release {
  /** 16 random bytes, so that nobody guesses the entry from its leaf's hash. */
  salt: Uint8Array;
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of who got the keys. */
  recipient: number;
  /** Purpose of use, as its index in the contracts' enumeration. */
  purpose: number;
  /** Ids of the compartments whose keys were released, 16 bytes each. */
  compartmentIds: Uint8Array[];
  /** Digests of the key wraps handed out, 32 bytes each. */
  wrapDigests: Uint8Array[];
  /** The head block at which the consent was checked. */
  block: { number: number; /** `0x` and 32 bytes. */ hash: string };
  /** When, in seconds since 1970. */
  at: number;
}

/**
 * A release's one encoding, DAG-CBOR: the leaf of the release log (RFC 9162).
 *
 * @throws `VAULT_INPUT_INVALID`
 *
 * @example
 * verifyInclusion({ entry: encodeRelease(release), index, size, proof, root });
 */
export function encodeRelease(release: Release): Uint8Array {
  const { salt, patient, recipient, purpose, compartmentIds, wrapDigests, block, at } = release;
  requireBytes(salt, "salt", 16);
  requireParticipant(patient, "patient");
  requireParticipant(recipient, "recipient");
  requireInteger(purpose, "purpose", 0, 255);
  for (const id of compartmentIds) requireBytes(id, "a compartment id", 16);
  for (const digest of wrapDigests) requireBytes(digest, "a wrap digest", 32);
  requireInteger(block.number, "block.number");
  requireInteger(at, "at");
  const hash = fromHex(requireHex(block.hash, "block.hash", 32));
  return encode({
    ...{ version: 1, salt, patient, recipient, purpose, compartmentIds, wrapDigests, at },
    block: { number: block.number, hash },
  });
}

/** Reads an encoded release. The bytes must come from {@link encodeRelease}. Throws `FORMAT_NEWER`. */
export function decodeRelease(bytes: Uint8Array): Release {
  type Encoded = Omit<Release, "block"> & { version: 1; block: { number: number; hash: Uint8Array } };
  const { version, salt, patient, recipient, purpose, compartmentIds, wrapDigests, block, at } = decode<Encoded>(bytes);
  refuseNewer("release", version);
  return {
    ...{ salt, patient, recipient, purpose, compartmentIds, wrapDigests, at },
    block: { number: block.number, hash: toHex(block.hash) },
  };
}
