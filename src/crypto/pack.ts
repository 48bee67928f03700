import { createHash, randomBytes, randomInt } from "node:crypto";
import { ChartChainError } from "../errors/index.js";
import { equalBytes } from "./bytes.js";
import { padmeSize } from "./padding.js";
import type { ByteStream } from "./segments.js";

/** Where a sealed record lies. It stands in the record's envelope and is not anchored: records can be packed again. */
export interface PackPlace {
  /** CIDv1 of the pack, in base32. */
  cid: string;
  /** Where the sealed record starts in the pack, in bytes. */
  offset: number;
  /** How long the pack is, in bytes. */
  packSize: number;
  /** How often the record was packed again: of two places the one with more is the newer. */
  packing: number;
}

/** A sealed record that goes into a pack. */
export interface PackedStream {
  /** Its ciphertext, read once. */
  ciphertext: ByteStream;
  /** How long that is, in bytes. */
  length: number;
}

/** A pack that is being made. */
export interface Pack {
  /** The records one after the other, and random bytes up to {@link packSize}. */
  stream: AsyncGenerator<Uint8Array>;
  /** How long it will be, in bytes. */
  size: number;
  /** Where each record starts, in the order in which they were given. */
  offsets: number[];
}

const SMALLEST_PACK = 16_384;

/**
 * The largest pack that a reader fetches as a whole, in bytes (8 MiB): who serves it learns which pack it was and not which
 * record. More than this is packed together only where one record alone is larger.
 */
export const WHOLE_PACK = 8 * 1_048_576;

const FILL = 65_536;

/**
 * The size that a pack is padded to: 16 KiB, doubled up to {@link WHOLE_PACK}, so that ten sizes are all there are. Beyond
 * that Padmé, as for a record ({@link padmeSize}).
 *
 * @param length of the sealed records together, in bytes
 *
 * @example
 * packSize(40_000); // 65_536
 */
export function packSize(length: number): number {
  if (length > WHOLE_PACK) return padmeSize(length);
  let size = SMALLEST_PACK;
  while (size < length) size *= 2;
  return size;
}

/**
 * Puts sealed records into one file, in random order.
 *
 * @throws `SIZE_MISMATCH` from the stream when a record is longer or shorter than declared
 *
 * @example
 * const sealed = sealRecord({ source, size });
 * const { stream, size: packSize, offsets } = packRecords([{ ciphertext: sealed.ciphertext, length: sealed.length }]);
 * const { cid } = await store.put(stream);
 */
export function packRecords(records: readonly PackedStream[]): Pack {
  const order = shuffled(records.keys());
  const offsets = new Array<number>(records.length).fill(0);
  let length = 0;
  for (const at of order) {
    offsets[at] = length;
    length += records[at]!.length;
  }
  const size = packSize(length);
  return { stream: streamOf(order.map((at) => records[at]!)), size, offsets };

  async function* streamOf(inOrder: readonly PackedStream[]): AsyncGenerator<Uint8Array> {
    for (const record of inOrder) {
      let missing = record.length;
      for await (const chunk of record.ciphertext) {
        missing -= chunk.length;
        if (missing < 0) break;
        yield chunk;
      }
      if (missing !== 0) throw mismatch(record.length);
    }
    for (let rest = size - length; rest > 0; rest -= FILL) yield new Uint8Array(randomBytes(Math.min(rest, FILL)));
  }
}

/** Passes a stream on and tells its SHA-256 when it has ended. */
export async function* hashing(stream: ByteStream, ended: (sha256: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
  ended(new Uint8Array(hash.digest()));
}

/**
 * Passes a sealed record on and refuses another one than its manifest names, at the end: whoever has a record's key could
 * seal something else under it.
 *
 * @throws `CIPHERTEXT_REFUSED`
 */
export const checked = (ciphertext: ByteStream, expected: Uint8Array): AsyncGenerator<Uint8Array> =>
  hashing(ciphertext, (sha256) => {
    if (equalBytes(sha256, expected)) return;
    throw new ChartChainError("CIPHERTEXT_REFUSED", "the sealed record is not the one that its manifest names", {
      hint: "Fetch it again from another source, and ask the steward for the record's newest envelope.",
    });
  });

/** Every order is equally likely (Fisher and Yates). */
function shuffled(items: Iterable<number>): number[] {
  const list = [...items];
  for (let last = list.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}

function mismatch(expected: number): ChartChainError {
  return new ChartChainError("SIZE_MISMATCH", `the sealed record should have ${expected} bytes, and has others`, {
    details: { expected },
    hint: "Give the sealed record's exact length in bytes.",
  });
}
