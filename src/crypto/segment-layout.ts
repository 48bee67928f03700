import { ChartChainError } from "../errors/index.js";
import { requireInteger } from "./bytes.js";
import { TAG_LENGTH } from "./primitives.js";

/** Ciphertext bytes in a segment: 1 MiB, which is also one leaf of an IPFS file. */
export const SEGMENT_SIZE = 2 ** 20;

/** Bytes of the header at the front of the first segment: its own length (1) ‖ salt (32) ‖ nonce prefix (7). */
export const HEADER_LENGTH = 40;

/** Bytes of the random salt that a stream's key is derived with. */
export const SALT_LENGTH = 32;

/** Bytes of the random prefix that all nonces of a stream share. */
export const NONCE_PREFIX_LENGTH = 7;

/** Plaintext bytes in the first segment. */
export const FIRST_PLAINTEXT = SEGMENT_SIZE - HEADER_LENGTH - TAG_LENGTH;

/** Plaintext bytes in each later segment. */
export const LATER_PLAINTEXT = SEGMENT_SIZE - TAG_LENGTH;

/** Tink's own ceiling: a segment's index is below 2³² − 1. */
export const MAX_SEGMENTS = 2 ** 32 - 1;

const MAX_PLAINTEXT = FIRST_PLAINTEXT + (MAX_SEGMENTS - 1) * LATER_PLAINTEXT;

/** In how many segments a plaintext of so many bytes travels; at least one. */
function segmentCount(plaintextSize: number): number {
  return plaintextSize <= FIRST_PLAINTEXT ? 1 : 1 + Math.ceil((plaintextSize - FIRST_PLAINTEXT) / LATER_PLAINTEXT);
}

/**
 * How long the ciphertext of a plaintext is.
 *
 * @param plaintextSize bytes
 * @returns bytes
 * @throws `CRYPTO_INPUT_INVALID` when it is no size, or more than the format can hold (4 PiB)
 *
 * @example
 * ciphertextSize(0); // 56: header and tag
 */
export function ciphertextSize(plaintextSize: number): number {
  requireInteger(plaintextSize, 0, MAX_PLAINTEXT, "plaintextSize");
  return HEADER_LENGTH + plaintextSize + TAG_LENGTH * segmentCount(plaintextSize);
}

/**
 * How long the plaintext of a ciphertext is, the inverse of {@link ciphertextSize}.
 *
 * @param ciphertextSize bytes
 * @returns bytes
 * @throws `CIPHERTEXT_REFUSED` when no plaintext has a ciphertext of that size
 *
 * @example
 * plaintextSize(56); // 0
 */
export function plaintextSize(ciphertextSize: number): number {
  const count = Math.max(1, Math.ceil(ciphertextSize / SEGMENT_SIZE));
  const size = ciphertextSize - HEADER_LENGTH - TAG_LENGTH * count;
  if (Number.isSafeInteger(ciphertextSize) && size >= 0 && size <= MAX_PLAINTEXT && segmentCount(size) === count) {
    return size;
  }
  throw new ChartChainError("CIPHERTEXT_REFUSED", `no sealed stream is ${ciphertextSize} bytes long`, {
    details: { size: ciphertextSize },
    hint: "The ciphertext was cut or extended: fetch it again from another source.",
  });
}

/** In which segment a plaintext byte lies. */
export function segmentOf(plaintextOffset: number): number {
  return plaintextOffset < FIRST_PLAINTEXT ? 0 : 1 + Math.floor((plaintextOffset - FIRST_PLAINTEXT) / LATER_PLAINTEXT);
}

/** Where in the plaintext a segment starts. */
export function plaintextStart(segment: number): number {
  return segment === 0 ? 0 : FIRST_PLAINTEXT + (segment - 1) * LATER_PLAINTEXT;
}
