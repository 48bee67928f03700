import { ChartChainError } from "../errors/index.js";

/** A stream of bytes. A chunk belongs to the reader once it was yielded: the producer must not write into it again. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One piece of a stream, as views into the chunks it came in, so that no byte is copied. */
export interface Segment {
  /** The bytes, in order. */
  parts: Uint8Array[];
  /** Sum of the parts' lengths. */
  length: number;
  /** True when the stream ends with this segment. */
  last: boolean;
}

/**
 * Cuts a stream into segments of `size` bytes, the first of `firstSize`. Only the last may be shorter, and an empty
 * stream is one empty segment. A full segment is held back until another byte or the end was seen, because a streaming
 * AEAD has to know which segment is the last before it starts on it.
 *
 * @throws `CRYPTO_INPUT_INVALID` when a chunk is not a byte array
 */
export async function* segments(source: ByteStream, firstSize: number, size: number): AsyncGenerator<Segment> {
  let limit = firstSize;
  let current: Segment = { parts: [], length: 0, last: false };
  for await (const chunk of source) {
    requireChunk(chunk);
    let offset = 0;
    while (offset < chunk.length) {
      if (current.length === limit) {
        yield current;
        current = { parts: [], length: 0, last: false };
        limit = size;
      }
      const part = chunk.subarray(offset, offset + limit - current.length);
      current.parts.push(part);
      current.length += part.length;
      offset += part.length;
    }
  }
  current.last = true;
  yield current;
}

/** Refuses what is not a chunk of bytes, such as a string from a stream with an encoding. */
export function requireChunk(chunk: unknown): asserts chunk is Uint8Array {
  if (chunk instanceof Uint8Array) return;
  throw new ChartChainError("CRYPTO_INPUT_INVALID", `a stream must yield byte arrays, got ${typeof chunk}`, {
    details: { type: typeof chunk },
    hint: "Give a stream of Uint8Array chunks; do not set an encoding on it.",
  });
}

/** The bytes of a segment before and after a position, without copying any. */
export function splitSegment(segment: Segment, at: number): { front: Uint8Array[]; back: Uint8Array[] } {
  const front: Uint8Array[] = [];
  const back: Uint8Array[] = [];
  let position = 0;
  for (const part of segment.parts) {
    const cut = Math.min(part.length, Math.max(0, at - position));
    if (cut > 0) front.push(part.subarray(0, cut));
    if (cut < part.length) back.push(part.subarray(cut));
    position += part.length;
  }
  return { front, back };
}
