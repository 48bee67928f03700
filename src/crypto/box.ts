import { ChartChainError } from "../errors/index.js";
import { concatBytes, requireBytes } from "./bytes.js";
import { TAG_LENGTH } from "./primitives.js";
import { platform, randomBytes } from "./platform.js";

const NONCE_LENGTH = 12;

/** How many bytes a box is longer than what it holds: the nonce and the tag. */
export const BOX_OVERHEAD = NONCE_LENGTH + TAG_LENGTH;

/**
 * Seals a small secret at rest with AES-256-GCM (NIST SP 800-38D): random nonce (12 bytes) ‖ ciphertext ‖ tag (16).
 *
 * With random nonces one key stays safe for about 2³² boxes; derive a key per purpose.
 *
 * @param key 32 bytes
 * @param plaintext what to seal, held in memory as a whole; for records there is {@link sealStream}
 * @param associatedData bytes that are not stored but must be the same on opening, so that a box cannot change places
 * @returns the box, {@link BOX_OVERHEAD} bytes longer than the plaintext
 * @throws `CRYPTO_INPUT_INVALID` when the key is not 32 bytes
 *
 * @example
 * const box = sealBox(key, dek, new TextEncoder().encode("vault row 17"));
 */
export function sealBox(key: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Uint8Array {
  requireBytes(key, 32, "key");
  const nonce = randomBytes(NONCE_LENGTH);
  return concatBytes(nonce, platform.sealBytes(plaintext, { key, nonce, associatedData }));
}

/**
 * Opens what {@link sealBox} sealed.
 *
 * @param key 32 bytes, the one it was sealed with
 * @param box nonce ‖ ciphertext ‖ tag
 * @param associatedData the bytes given on sealing
 * @returns the plaintext
 * @throws `BOX_REFUSED` when key, box or associated data differ from those of sealing
 * @throws `CRYPTO_INPUT_INVALID` when the key is not 32 bytes
 *
 * @example
 * const dek = openBox(key, box, new TextEncoder().encode("vault row 17"));
 */
export function openBox(key: Uint8Array, box: Uint8Array, associatedData: Uint8Array): Uint8Array {
  requireBytes(key, 32, "key");
  if (box.length < BOX_OVERHEAD) throw refused(box.length);
  const nonce = box.subarray(0, NONCE_LENGTH);
  const plaintext = platform.openBytes(box.subarray(NONCE_LENGTH), { key, nonce, associatedData });
  if (plaintext === undefined) throw refused(box.length);
  return plaintext;
}

function refused(length: number): ChartChainError {
  return new ChartChainError("BOX_REFUSED", `the sealed box of ${length} bytes does not open`, {
    details: { length },
    hint: "Use the key and the associated data it was sealed with; if they are right, the box was damaged or replaced.",
  });
}
