import { ChartChainError } from "../errors/index.js";

/**
 * Overwrites a secret with zeros once it is no longer needed.
 *
 * This is a best effort: the runtime may have copied the bytes, and strings cannot be wiped at all.
 *
 * @param secrets byte arrays that nobody reads any more; `undefined` is skipped
 *
 * @example
 * const seed = await unlockSecret(locked, passphrase);
 * const keyPair = await deriveKeyPair(seed);
 * wipe(seed);
 */
export function wipe(...secrets: (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** The parts, one after another, in a byte array of their own. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** A plain `Uint8Array` over the same memory, so that no `Buffer` with its different `slice` leaves this room. */
export function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/**
 * Refuses a value that is not a byte array of exactly `length` bytes. The message never shows the bytes.
 *
 * @throws `CRYPTO_INPUT_INVALID` naming the parameter and both lengths
 */
export function requireBytes(value: unknown, length: number, name: string): asserts value is Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return;
  const actual = value instanceof Uint8Array ? value.length : typeof value;
  throw new ChartChainError("CRYPTO_INPUT_INVALID", `${name} must be ${length} bytes, got ${actual}`, {
    details: { name, expected: length, actual },
    hint: `Pass ${name} as a Uint8Array of ${length} bytes.`,
  });
}

/** Refuses a number that is not an integer from `min` to `max`. */
export function requireInteger(value: unknown, min: number, max: number, name: string): asserts value is number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new ChartChainError("CRYPTO_INPUT_INVALID", `${name} must be an integer from ${min} to ${max}`, {
    details: { name, min, max },
    hint: `Pass ${name} as a whole number from ${min} to ${max}.`,
  });
}
