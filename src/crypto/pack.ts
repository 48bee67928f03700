import { ChartChainError } from "../errors/index.js";
import { padmeSize } from "./padding.js";
import type { ByteStream } from "./segments.js";
import { shuffled } from "./shuffled.js";
import { equalBytes, platform, randomBytes, randomInt } from "./platform.js";

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
  /** What it has in common with those that it lies beside, such as its compartment: who opens one may open all of them. */
  beside?: string;
}

/** A pack that is being made. */
export interface Pack {
  /** Records, and random bytes between and around them up to {@link packSize}. */
  stream: AsyncGenerator<Uint8Array>;
  /** How long it will be, in bytes. */
  size: number;
  /** Where each record starts, in the order in which they were given. */
  offsets: number[];
}

const SMALLEST_PACK = 32_768;

/** Records are put into one pack up to so many bytes (256 KiB): what a reader of one of them fetches. */
export const FULL_PACK = 262_144;

/**
 * The largest pack that a reader fetches as a whole, in bytes (8 MiB): who serves it learns which pack it was and not which
 * record. Larger is only the pack of one record that is larger by itself.
 */
export const WHOLE_PACK = 8 * 1_048_576;

const FILL = 65_536;

/**
 * The size that a pack is padded to: 32 KiB, doubled up to {@link WHOLE_PACK}, so that nine sizes are all there are. Beyond
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
 * Divides the records of an import among packs, whatever they are about: a pack's size says nothing of what is in it but that
 * one of its records is larger than {@link FULL_PACK}, where it is. Records go into the first pack that has room for them, in
 * random order, after those that need a larger pack, which smaller ones fill. The packs are in random order, too.
 *
 * @param lengths of the sealed records, in bytes
 * @returns for each pack which records it holds, by their places in `lengths`
 *
 * @example
 * intoPacks([5_000, 9_000, 300_000]); // [[2, 0, 1]]
 */
export function intoPacks(lengths: readonly number[]): number[][] {
  const packs: { records: number[]; room: number }[] = [];
  const order = shuffled(lengths.keys());
  const isLarge = (at: number): boolean => lengths[at]! > FULL_PACK;
  for (const at of [...order.filter(isLarge), ...order.filter((each) => !isLarge(each))]) {
    const length = lengths[at]!;
    const pack = packs.find(({ room }) => room >= length);
    if (pack === undefined) packs.push({ records: [at], room: roomFor(length) - length });
    else {
      pack.records.push(at);
      pack.room -= length;
    }
  }
  return shuffled(packs.map(({ records }) => records));
}

/** How much a pack takes in all, whose first record is this long. */
const roomFor = (length: number): number => (length > WHOLE_PACK ? length : Math.max(FULL_PACK, packSize(length)));

/**
 * Puts sealed records into one file: those that lie {@link PackedStream.beside} one another in a run, runs and records in
 * random order. The padding is divided at random among the ends and the gaps between the runs: who may open one run can't tell
 * what else is in the pack from bytes of nothing.
 *
 * @throws `SIZE_MISMATCH` from the stream when a record is longer or shorter than declared
 *
 * @example
 * const sealed = sealRecord({ source, size });
 * const { stream, size: packSize, offsets } = packRecords([{ ciphertext: sealed.ciphertext, length: sealed.length }]);
 * const { cid } = await store.put(stream);
 */
export function packRecords(records: readonly PackedStream[]): Pack {
  const length = records.reduce((sum, record) => sum + record.length, 0);
  const size = packSize(length);
  const runs = shuffled(Map.groupBy(records.keys(), (at) => records[at]!.beside ?? "").values()).map(shuffled);
  const gaps = inParts(size - length, runs.length + 1);
  const offsets = new Array<number>(records.length).fill(0);
  let end = 0;
  for (const [i, run] of runs.entries()) {
    end += gaps[i]!;
    for (const at of run) {
      offsets[at] = end;
      end += records[at]!.length;
    }
  }
  return { stream: streamOf(), size, offsets };

  async function* streamOf(): AsyncGenerator<Uint8Array> {
    for (const [i, run] of runs.entries()) {
      yield* noise(gaps[i]!);
      for (const at of run) yield* whole(records[at]!);
    }
    yield* noise(gaps.at(-1)!);
  }
}

async function* whole({ ciphertext, length }: PackedStream): AsyncGenerator<Uint8Array> {
  let missing = length;
  for await (const chunk of ciphertext) {
    missing -= chunk.length;
    if (missing < 0) break;
    yield chunk;
  }
  if (missing !== 0) throw mismatch(length);
}

function* noise(length: number): Generator<Uint8Array> {
  for (let rest = length; rest > 0; rest -= FILL) yield randomBytes(Math.min(rest, FILL));
}

/** Divides a number into so many parts, by cuts at random. */
function inParts(total: number, parts: number): number[] {
  const cuts = Array.from({ length: parts - 1 }, () => randomInt(total + 1)).sort((a, b) => a - b);
  return [...cuts, total].map((cut, i) => cut - (cuts[i - 1] ?? 0));
}

/** Passes a stream on and tells its SHA-256 when it has ended. */
export async function* hashing(stream: ByteStream, ended: (sha256: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  const hash = platform.startSha256();
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
  ended(hash.digest());
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

function mismatch(expected: number): ChartChainError {
  return new ChartChainError("SIZE_MISMATCH", `the sealed record should have ${expected} bytes, and has others`, {
    details: { expected },
    hint: "Give the sealed record's exact length in bytes.",
  });
}
