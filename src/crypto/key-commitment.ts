import { ChartChainError } from "../errors/index.js";
import { requireBytes } from "./bytes.js";
import { domain } from "./domain.js";
import { equalBytes, hkdfSha256 } from "./platform.js";

/**
 * A commitment to the key of a record: HKDF-SHA256 (RFC 5869), salt = record id.
 *
 * AES-GCM does not commit to its key: a malicious author can make one ciphertext that opens under two keys to two
 * different records, and show each reader another one. The commitment is in the anchored manifest, so only one key fits.
 *
 * @param dek the record's data encryption key, 32 bytes
 * @param recordId 16 bytes
 * @returns 32 bytes that say nothing about the key
 * @throws `CRYPTO_INPUT_INVALID` when either has a wrong length
 *
 * @example
 * const manifest = createManifest({ ...sealed, keyCommitment: keyCommitment(dek, recordId), ...rest });
 */
export function keyCommitment(dek: Uint8Array, recordId: Uint8Array): Uint8Array {
  requireBytes(dek, 32, "dek");
  requireBytes(recordId, 16, "recordId");
  return hkdfSha256(dek, recordId, domain("key-commitment"), 32);
}

/**
 * Refuses a key that the manifest does not commit to.
 *
 * @throws `KEY_COMMITMENT_MISMATCH`
 */
export function requireCommittedKey(
  dek: Uint8Array,
  manifest: { recordId: Uint8Array; keyCommitment: Uint8Array },
): void {
  if (equalBytes(keyCommitment(dek, manifest.recordId), manifest.keyCommitment)) return;
  throw new ChartChainError("KEY_COMMITMENT_MISMATCH", "the key is not the one that the record's manifest commits to", {
    hint: "Use the key from this record's own envelope; if it came from there, its author sealed a wrong key: report it.",
  });
}
