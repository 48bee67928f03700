import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  type Manifest,
  type ManifestInput,
  type PackPlace,
  createManifest,
  keyCommitment,
} from "../../src/crypto/index.js";
import { ChartChainError, type ErrorCode } from "../../src/errors/index.js";

/** All bytes of a stream. */
export async function collect(stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Uint8Array.from(Buffer.concat(chunks));
}

/** Bytes with a pattern that neither 256 nor a segment repeats; the shared vectors use the same one. */
export function pattern(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = 31 * i + (i >> 8);
  return bytes;
}

/** Expects a `ChartChainError` with this code and with a hint, and gives it back. */
export async function expectCode(code: ErrorCode, action: () => unknown): Promise<ChartChainError> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `nothing was thrown, ${code} expected`).to.be.instanceOf(ChartChainError);
  const error = thrown as ChartChainError;
  expect(error.code, error.stack).to.equal(code);
  expect(error.hint).to.be.a("string").and.not.be.empty;
  return error;
}

/** A copy with one bit inverted. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** The same bytes, compared by hexadecimal text so that a Buffer equals a Uint8Array and failures are short. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).to.equal(expected.length);
  expect(Buffer.compare(actual, expected), "the bytes differ").to.equal(0);
}

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A copy that lacks one property. */
export function without<T extends object, Name extends keyof T>(value: T, name: Name): Omit<T, Name> {
  const copy: Partial<T> = { ...value };
  delete copy[name];
  return copy as Omit<T, Name>;
}

/** A file of `test/vectors/`. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8")) as T;
}

/** Somewhere in a pack. */
export const A_PLACE: PackPlace = {
  cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
  offset: 4096,
  packSize: 16_384,
  packing: 0,
};

/** A record of patient 17 at steward 4 with its key. */
export function aRecord(
  changes: Partial<ManifestInput> = {},
  dek: Uint8Array = Uint8Array.from(randomBytes(32)),
): { manifest: Manifest; dek: Uint8Array; place: PackPlace } {
  const recordId = Uint8Array.from(randomBytes(16));
  const manifest = createManifest({
    recordId,
    patient: 17,
    steward: 4,
    author: 4,
    category: 2,
    sha256: new Uint8Array(32).fill(7),
    size: 1000,
    mediaType: "application/fhir+json",
    createdAt: 1_700_000_000,
    ...changes,
    keyCommitment: keyCommitment(dek, changes.recordId ?? recordId),
  });
  return { manifest, dek, place: A_PLACE };
}
