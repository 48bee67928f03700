import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { ChartChainError } from "../errors/index.js";
import { concatBytes, plainBytes, requireBytes } from "./bytes.js";

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

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
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(associatedData);
  const ciphertext = cipher.update(plaintext);
  return concatBytes(nonce, ciphertext, cipher.final(), cipher.getAuthTag());
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
  const end = box.length - TAG_LENGTH;
  // Without authTagLength Node accepts a tag cut down to four bytes.
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, NONCE_LENGTH), { authTagLength: TAG_LENGTH });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(box.subarray(end));
  const plaintext = decipher.update(box.subarray(NONCE_LENGTH, end));
  try {
    decipher.final();
  } catch (cause) {
    plaintext.fill(0);
    throw refused(box.length, cause);
  }
  return plainBytes(plaintext);
}

function refused(length: number, cause?: unknown): ChartChainError {
  return new ChartChainError("BOX_REFUSED", `the sealed box of ${length} bytes does not open`, {
    details: { length },
    hint: "Use the key and the associated data it was sealed with; if they are right, the box was damaged or replaced.",
    cause,
  });
}
