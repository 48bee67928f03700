import { ChartChainError } from "../errors/index.js";

/** The largest participant id, 2⁴⁰ − 1; 0 means nobody. */
const MAX_PARTICIPANT = 2 ** 40 - 1;

/** The error for an argument that is not of its type. The message never shows the value, which may be a secret. */
export function invalidInput(name: string, expected: string): ChartChainError {
  return new ChartChainError("VAULT_INPUT_INVALID", `${name} must be ${expected}`, {
    details: { name, expected },
    hint: `Pass ${name} as ${expected}.`,
  });
}

/** Refuses what is not a byte array of exactly `length` bytes, or of at least one when no length is given. */
export function requireBytes(value: unknown, name: string, length?: number): asserts value is Uint8Array {
  const fits = value instanceof Uint8Array && (length === undefined ? value.length > 0 : value.length === length);
  if (!fits) throw invalidInput(name, length === undefined ? "a Uint8Array that is not empty" : `${length} bytes`);
}

/** Refuses what is not a whole number from `min` to `max`. */
export function requireInteger(
  value: unknown,
  name: string,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw invalidInput(name, `a whole number from ${min} to ${max}`);
}

/** Refuses what is not a participant id. */
export function requireParticipant(value: unknown, name: string): asserts value is number {
  requireInteger(value, name, 1, MAX_PARTICIPANT);
}

/** Refuses what is neither a participant id nor 0, which stands for any steward. */
export function requireSteward(value: unknown, name: string): asserts value is number {
  requireInteger(value, name, 0, MAX_PARTICIPANT);
}

/** Refuses what is not `0x` and `length` bytes in hex; any length but none when it is not given. Returns lower case. */
export function requireHex(value: unknown, name: string, length?: number): string {
  const fits =
    typeof value === "string" &&
    /^0x([0-9a-f]{2})+$/i.test(value) &&
    (length === undefined || value.length === 2 + 2 * length);
  if (!fits) throw invalidInput(name, `0x and ${length === undefined ? "bytes" : `${length} bytes`} in hexadecimal`);
  return value.toLowerCase();
}

/** Refuses what is not a text of 1 to 200 characters. */
export function requireName(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > 200) {
    throw invalidInput(name, "a text of 1 to 200 characters");
  }
}
