import { ChartChainError } from "../../errors/index.js";
import { concatBytes, equalBytes, platform, type RunningHash } from "../../crypto/index.js";
import { toUtf8Bytes } from "ethers";

/** What a record's content is once it was read: it may be read again, and has a digest by which it is known again. */
export interface KnownContent {
  /** SHA-256 of the content in its canonical form, 32 bytes. */
  digest: Uint8Array;
  source: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** JSON beyond this many bytes is compared byte by byte: putting it into order would take many times its size in memory. */
const CANONICAL_BYTES = 8 * 1_048_576;

/**
 * Reads a record's content to know it again. Two JSON texts that say the same are the same content, whatever their spaces,
 * the order of their members and the way their strings are escaped; numbers count as they are written, because FHIR's
 * decimals do (1.0 is not 1.00). Anything else is compared byte by byte.
 *
 * Small JSON is kept in memory; what is larger, or isn't JSON, is read once here and again for sealing.
 *
 * @param content the bytes, or a function that streams them, each time from the start
 * @param size in bytes
 * @see https://www.rfc-editor.org/rfc/rfc8785 whose order of members this follows as far as a digest needs it
 * @see https://hl7.org/fhir/R4/datatypes.html#decimal
 */
export async function knowContent(
  content: Uint8Array | (() => AsyncIterable<Uint8Array>),
  size: number,
  mediaType: string,
): Promise<KnownContent> {
  const small = size <= CANONICAL_BYTES && /[/+]json\s*(;|$)/i.test(mediaType);
  if (!small) {
    if (content instanceof Uint8Array) return { digest: digestOf("bytes", content), source: () => [content] };
    const hash = hashOf("bytes");
    for await (const chunk of content()) hash.update(chunk);
    const digest = hash.digest();
    return { digest, source: () => unchanged(content(), digest) };
  }
  const bytes = content instanceof Uint8Array ? content : await collect(content(), size);
  const canonical = canonicalJson(bytes);
  const digest =
    canonical === undefined ? digestOf("bytes", bytes) : digestOf("json", new TextEncoder().encode(canonical));
  return { digest, source: () => [bytes] };
}

function hashOf(form: "bytes" | "json"): RunningHash {
  const hash = platform.startSha256();
  hash.update(toUtf8Bytes(`${form}\0`));
  return hash;
}

function digestOf(form: "bytes" | "json", content: Uint8Array): Uint8Array {
  const hash = hashOf(form);
  hash.update(content);
  return hash.digest();
}

/** What is sealed has to be what the content key was made of: else that content would never be taken again. */
async function* unchanged(stream: AsyncIterable<Uint8Array>, digest: Uint8Array): AsyncGenerator<Uint8Array> {
  const hash = hashOf("bytes");
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
  if (equalBytes(hash.digest(), digest)) return;
  throw new ChartChainError("RECORD_CHANGED", "the content changed while it was being read", {
    hint: "Wait until nobody writes it any more, and add it again: nothing was added.",
  });
}

/** Reads no further than one chunk beyond the size that was named: the sealing then says that it is wrong. */
async function collect(stream: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    read += chunk.length;
    if (read > size) break;
  }
  return concatBytes(...chunks);
}

/** The text with its members in order and without spaces; undefined where it isn't JSON, or nested too deep to tell. */
function canonicalJson(bytes: Uint8Array): string | undefined {
  try {
    return JSON.stringify(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), inOrder as never));
  } catch {
    return undefined;
  }
}

// Both are part of JavaScript (ES2026, "JSON.parse source text access"), and not yet of TypeScript's library.
const { rawJSON } = JSON as unknown as { rawJSON: (lexeme: string) => unknown };

function inOrder(this: unknown, _name: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value === "number") return rawJSON(source!);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
