import { decodeKind, encodeKind, type RecordKind } from "../../src/crypto/index.js";

/** The values of a CBOR map as JSON carries them without losing a type: integers as digits, bytes as base64. */
export type Scalars = Record<string, { int: string } | { bytes: string } | { text: string }>;

/** A map's values by name, as they are encoded; fields that are left out are not there. */
export function asScalars(value: object): Scalars {
  const { category, classes, confidential, ...others } = value as Partial<RecordKind>;
  const kind = { category, classes, confidential } as RecordKind;
  const map = category === undefined ? others : { ...others, kind: encodeKind(kind) };
  const entries = Object.entries(map as Record<string, unknown>).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, asScalar(value)]));
}

/** The inverse of {@link asScalars}. */
export function fromScalars(scalars: Scalars): Record<string, unknown> {
  const values = Object.fromEntries(Object.entries(scalars).map(([name, scalar]) => [name, fromScalar(scalar)]));
  const { kind, ...others } = values;
  return kind === undefined ? values : { ...others, ...decodeKind(kind as Uint8Array) };
}

function fromScalar(scalar: Scalars[string]): unknown {
  if ("int" in scalar) return Number(scalar.int);
  return "bytes" in scalar ? Uint8Array.from(Buffer.from(scalar.bytes, "base64")) : scalar.text;
}

function asScalar(value: unknown): Scalars[string] {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (typeof value === "number") return { int: String(value) };
  if (typeof value === "string") return { text: value };
  throw new Error(`a ${typeof value} is no scalar`);
}
