import { ChartChainError } from "../errors/index.js";
import { SegmentCipher, type StreamKey, refusal } from "./segment-cipher.js";
import { HEADER_LENGTH, SEGMENT_SIZE, plaintextSize, plaintextStart, segmentOf } from "./segment-layout.js";

/** Reads `length` bytes of the ciphertext from `offset` on. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

/** Which part of a sealed stream to open, and with what. */
export interface OpenRangeOptions extends StreamKey {
  /** Size of the whole ciphertext in bytes, from a trusted place such as the anchored manifest. */
  ciphertextSize: number;
  /** First plaintext byte to give back. */
  offset: number;
  /** How many plaintext bytes to give back. */
  length: number;
}

/**
 * Opens a part of a sealed stream, reading only the segments that hold it and the header. Every byte given back is
 * authenticated, with its place, and one segment is in memory at a time.
 *
 * @param read gives exactly the ciphertext bytes asked for
 * @returns plaintext chunks, `length` bytes together
 * @throws `RANGE_OUT_OF_BOUNDS` when the range reaches beyond the plaintext
 * @throws `CIPHERTEXT_REFUSED` as {@link openStream}, and when `read` gives more or fewer bytes than asked for
 *
 * @example
 * openRange((offset, length) => readAt(file, offset, length), { key, associatedData, ciphertextSize, offset: 0, length: 132 });
 */
export async function* openRange(read: ReadRange, options: OpenRangeOptions): AsyncGenerator<Uint8Array> {
  const { ciphertextSize, offset, length } = options;
  requireRange(offset, length, plaintextSize(ciphertextSize));
  if (length === 0) return;

  const first = segmentOf(offset);
  const last = segmentOf(offset + length - 1);
  const fetchSegment = async (index: number, size = SEGMENT_SIZE): Promise<Uint8Array> => {
    const wanted = Math.min(size, ciphertextSize - index * SEGMENT_SIZE);
    const bytes = await read(index * SEGMENT_SIZE, wanted);
    if (bytes.length !== wanted) throw refusal(index, `${wanted} bytes were asked for, ${bytes.length} came`);
    return bytes;
  };

  // The header is at the front of segment 0, which is fetched as a whole only where the range starts in it.
  const front = await fetchSegment(0, first === 0 ? SEGMENT_SIZE : HEADER_LENGTH);
  const cipher = new SegmentCipher(options, front.subarray(0, HEADER_LENGTH));
  try {
    for (let index = first; index <= last; index++) {
      const bytes = index === 0 ? front.subarray(HEADER_LENGTH) : await fetchSegment(index);
      const isLast = (index + 1) * SEGMENT_SIZE >= ciphertextSize;
      const [chunk = new Uint8Array(0)] = await cipher.open(
        { parts: [bytes], length: bytes.length, last: isLast },
        index,
      );
      const start = plaintextStart(index);
      yield chunk.subarray(Math.max(0, offset - start), Math.min(chunk.length, offset + length - start));
    }
  } finally {
    cipher.wipe();
  }
}

/** Refuses a range that is not within `size` bytes. */
export function requireRange(offset: number, length: number, size: number): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (whole && offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new ChartChainError("RANGE_OUT_OF_BOUNDS", `${length} bytes from ${offset} on are not within ${size} bytes`, {
    details: { offset, length, size },
    hint: "Ask for whole byte counts within the record's size.",
  });
}
