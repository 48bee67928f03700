import { concatBytes, requireBytes, requireInteger } from "./bytes.js";
import { bigEndian, domain } from "./domain.js";
import { PAYLOAD_SUITE } from "./manifest.js";

/** Which version of which record a payload is. A {@link Manifest} is one. */
export interface PayloadBinding {
  /** 16 bytes. */
  recordId: Uint8Array;
  /** Round of the compartment. */
  round: number;
  /** Manifest digest (32 bytes) of the version that this one replaces. */
  amends?: Uint8Array;
}

/**
 * The associated data of a record's payload, so that its ciphertext opens only as this version of this record: domain ‖
 * record id (16) ‖ round (4, big-endian) ‖ digest of what it amends (32, zeros for a first version) ‖ suite.
 *
 * @returns at most 1024 bytes
 * @throws `CRYPTO_INPUT_INVALID` when a value has a wrong length or range
 *
 * @example
 * openStream(ciphertext, { key: dek, associatedData: payloadAssociatedData(manifest) });
 */
export function payloadAssociatedData({ recordId, round, amends }: PayloadBinding): Uint8Array {
  requireBytes(recordId, 16, "recordId");
  requireInteger(round, 0, 2 ** 32 - 1, "round");
  const amended = amends ?? new Uint8Array(32);
  requireBytes(amended, 32, "amends");
  const suite = new TextEncoder().encode(PAYLOAD_SUITE);
  return concatBytes(domain("payload"), recordId, bigEndian(round, 4), amended, suite);
}
