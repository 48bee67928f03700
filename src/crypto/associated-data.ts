import { concatBytes, requireBytes } from "./bytes.js";
import { domain } from "./domain.js";
import { PAYLOAD_SUITE } from "./manifest.js";

/** Which version of which record a payload is. A {@link Manifest} is one. */
export interface PayloadBinding {
  /** 16 bytes. */
  recordId: Uint8Array;
  /** Manifest digest (32 bytes) of the version that this one replaces. */
  amends?: Uint8Array;
}

/**
 * The associated data of a record's payload, so that its ciphertext opens only as this version of this record: domain ‖
 * record id (16) ‖ digest of what it amends (32, zeros for a first version) ‖ suite. It says nothing of the compartment:
 * re-keying writes another envelope and leaves the ciphertext as it is.
 *
 * @returns at most 1024 bytes
 * @throws `CRYPTO_INPUT_INVALID` when a value has a wrong length or range
 *
 * @example
 * openStream(ciphertext, { key: dek, associatedData: payloadAssociatedData(manifest) });
 */
export function payloadAssociatedData({ recordId, amends }: PayloadBinding): Uint8Array {
  requireBytes(recordId, 16, "recordId");
  const amended = amends ?? new Uint8Array(32);
  requireBytes(amended, 32, "amends");
  const suite = new TextEncoder().encode(PAYLOAD_SUITE);
  return concatBytes(domain("payload"), recordId, amended, suite);
}
