import { decode, encode } from "@ipld/dag-cbor";
import { ChartChainError, FORMAT_VERSION, refuseNewer, type ErrorCode } from "../errors/index.js";
import { equalBytes } from "./platform.js";

/** What one field of a map may hold. */
export interface Field {
  /** In words, for the error message. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** True when the field may be left out. */
  readonly optional?: true;
}

/** One {@link Field} for each property of `T`. */
export type Fields<T> = { readonly [Name in keyof T]-?: Field };

/** Encodes and decodes one kind of map. Both refuse what is not exactly of that kind. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
  /** The same value, if it could be encoded. */
  check(value: T): T;
}

// No map of this room but a batch comes near it; what is longer is not worth parsing.
const MAX_LENGTH = 65_536;

/**
 * A strict DAG-CBOR codec (https://ipld.io/specs/codecs/dag-cbor/spec/). There is one encoding for each value: bytes that
 * decode but would be encoded differently are refused, so a digest over them cannot be had twice.
 *
 * Each map carries its format's number as `version`: where `T` has none, it is added and taken off here. One of a newer
 * version is refused as that (`FORMAT_NEWER`).
 *
 * Errors name the field and never its value, which may be a secret or about a patient.
 *
 * @param code the error's code
 * @param what what is encoded, for the error's message
 * @param fields what each property may hold
 * @param contradiction says in words what is wrong with the fields taken together
 * @param maxLength how many bytes an encoding may have
 */
export function canonicalCodec<T extends object>(
  code: ErrorCode,
  what: string,
  fields: Fields<T>,
  contradiction: (value: T) => string | undefined = () => undefined,
  maxLength = MAX_LENGTH,
): Codec<T> {
  const malformed = (reason: string, cause?: unknown): ChartChainError =>
    new ChartChainError(code, `the ${what} is malformed: ${reason}`, {
      details: { reason },
      hint: `Give a ${what} exactly as it was created, from a version that knows its format.`,
      cause,
    });

  function check(value: unknown): T {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("it is no map");
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) throw malformed("it has a field that is not part of its format");
    const copy: Record<string, unknown> = {};
    for (const [name, field] of Object.entries<Field>(fields)) {
      const held = (value as Record<string, unknown>)[name];
      if (held === undefined) {
        if (field.optional) continue;
        throw malformed(`${name} is missing`);
      }
      if (!field.accepts(held)) throw malformed(`${name} must be ${field.expected}`);
      copy[name] = held;
    }
    const wrong = contradiction(copy as T);
    if (wrong !== undefined) throw malformed(wrong);
    return copy as T;
  }

  const hasVersion = Object.hasOwn(fields, "version");
  const numbered = (value: T): object => (hasVersion ? value : { version: FORMAT_VERSION, ...value });
  function withoutNumber(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const { version, ...others } = value as { version?: unknown };
    refuseNewer(what, version);
    if (hasVersion) return value;
    if (version !== FORMAT_VERSION) throw malformed(`version must be ${FORMAT_VERSION}`);
    return others;
  }

  return {
    check,
    encode: (value) => Uint8Array.from(encode(numbered(check(value)))),
    decode(bytes) {
      if (bytes.length > maxLength) throw malformed(`it is longer than ${maxLength} bytes`);
      let value: unknown;
      try {
        value = decode(bytes);
      } catch (cause) {
        throw malformed("it is not DAG-CBOR", cause);
      }
      const checked = check(withoutNumber(value));
      if (!equalBytes(encode(numbered(checked)), bytes)) throw malformed("its encoding is not canonical");
      return checked;
    },
  };
}

/** A byte string of exactly `length` bytes, or of `length` to `max`. */
export function byteString(length: number, max = length): Field {
  return {
    expected: max === length ? `${length} bytes` : `${length} to ${max} bytes`,
    accepts: (value) => value instanceof Uint8Array && value.length >= length && value.length <= max,
  };
}

/** An integer from `min` to `max`. */
export function integer(min: number, max: number): Field {
  return {
    expected: `an integer from ${min} to ${max}`,
    accepts: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max,
  };
}

/** Exactly one value. */
export function constant(only: string | number): Field {
  return { expected: String(only), accepts: (value) => value === only };
}

/** A text that passes a test, described by `expected`. */
export function text(expected: string, accepts: (value: string) => boolean): Field {
  return { expected, accepts: (value) => typeof value === "string" && accepts(value) };
}

/** `min` to `max` texts in ascending order, each once, so that there is one way to write a set. */
export function textSet(each: Field, min: number, max: number): Field {
  return {
    expected: `${min} to ${max} of ${each.expected}, sorted and each once`,
    accepts: (value) =>
      Array.isArray(value) &&
      value.length >= min &&
      value.length <= max &&
      value.every((one, i) => each.accepts(one) && (i === 0 || (value[i - 1] as string) < (one as string))),
  };
}

/** The same field, which may be left out. */
export function optional(field: Field): Field {
  return { ...field, optional: true };
}
