const encoder = new TextEncoder();

/** What a hash, a derived key or a ciphertext is for; no two uses share a label. */
export type DomainLabel =
  | "batch"
  | "compartment-key-wrap"
  | "constraint"
  | "envelope"
  | "key-commitment"
  | "key-document"
  | "key-wrap-digest"
  | "manifest"
  | "payload"
  | "retraction"
  | "study-delivery"
  | "study-terms"
  | "terms";

/**
 * The bytes that keep one use of a key or hash apart from every other: `ChartChain/<label>/v1` and a zero byte, so
 * that no label is the beginning of another.
 */
export function domain(label: DomainLabel): Uint8Array {
  return encoder.encode(`ChartChain/${label}/v1\0`);
}

/** A whole number as `width` big-endian bytes (at most 8). */
export function bigEndian(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes.slice(8 - width);
}
