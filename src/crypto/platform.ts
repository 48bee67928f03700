import { nodePrimitives } from "./node/primitives.js";
import type { Primitives } from "./primitives.js";
import { webPrimitives } from "./web/primitives.js";

// Asked at run time, so that no bundler for the browser meets an import that it can't resolve.
const node = globalThis.process?.getBuiltinModule?.("node:crypto");

/** The one door to the machine's primitives. */
export const platform: Primitives = node === undefined ? webPrimitives : nodePrimitives(node);

export const { randomBytes, randomInt, hmacSha256, hkdfSha256 } = platform;

/** SHA-256 (FIPS 180-4) of the parts, one after another: 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = platform.startSha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** True when both arrays hold the same bytes; the time taken depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && platform.equal(a, b);
}
