import { ChartChainError } from "../errors/index.js";
import { requireInteger } from "./bytes.js";
import { type ByteStream, requireChunk } from "./segments.js";

const ZERO_CHUNK = 65_536;

/**
 * The size that a plaintext is padded to: Padmé, of the PURBs paper (Nikitin et al., PoPETs 2019, section 4). It leaves
 * O(log log n) bits of the length visible and adds at most 12 %, less for large records.
 *
 * @param size bytes
 * @returns bytes, never less than `size`
 * @throws `CRYPTO_INPUT_INVALID` when the size is not a whole number, or so large that no record has it (4 PiB)
 *
 * @example
 * padmeSize(1000); // 1024
 */
export function padmeSize(size: number): number {
  requireInteger(size, 0, 2 ** 52, "size");
  if (size < 2) return size;
  const exponent = floorLog2(size);
  const step = 2 ** (exponent - (floorLog2(exponent) + 1));
  return Math.ceil(size / step) * step;
}

/**
 * Follows a stream with zero bytes up to {@link padmeSize}, so that the sealed length does not identify the record.
 *
 * @param source chunks of any size
 * @param size how many bytes the source has, declared beforehand because the manifest carries it
 * @returns the padded stream
 * @throws `SIZE_MISMATCH` when the source is longer or shorter than declared
 *
 * @example
 * sealStream(padStream(createReadStream(path), (await stat(path)).size), { key, associatedData });
 */
export async function* padStream(source: ByteStream, size: number): AsyncGenerator<Uint8Array> {
  let missing = padmeSize(size) - size;
  let seen = 0;
  for await (const chunk of source) {
    requireChunk(chunk);
    seen += chunk.length;
    if (seen > size) throw sizeMismatch(size, "more bytes came");
    yield chunk;
  }
  if (seen < size) throw sizeMismatch(size, `only ${seen} came`);
  const zeros = new Uint8Array(Math.min(missing, ZERO_CHUNK));
  for (; missing > 0; missing -= ZERO_CHUNK) yield zeros.subarray(0, Math.min(missing, ZERO_CHUNK));
}

/**
 * Takes the padding off again.
 *
 * @param stream what {@link padStream} gave
 * @param size how many bytes of it are content
 * @returns exactly `size` bytes; complete only once the generator has ended without throwing
 * @throws `SIZE_MISMATCH` when the stream is not {@link padmeSize} bytes long
 * @throws `PADDING_INVALID` when a byte after the content is not zero
 *
 * @example
 * for await (const chunk of unpadStream(openStream(ciphertext, streamKey), manifest.size)) await file.write(chunk);
 */
export async function* unpadStream(stream: ByteStream, size: number): AsyncGenerator<Uint8Array> {
  const paddedSize = padmeSize(size);
  let seen = 0;
  for await (const chunk of stream) {
    requireChunk(chunk);
    const content = Math.min(chunk.length, Math.max(0, size - seen));
    seen += chunk.length;
    if (seen > paddedSize) throw sizeMismatch(paddedSize, "more bytes came");
    if (content > 0) yield chunk.subarray(0, content);
    if (!isZero(chunk.subarray(content))) {
      throw new ChartChainError("PADDING_INVALID", `a byte after the ${size} bytes of content is not zero`, {
        details: { size },
        hint: "The record was sealed with a wrong size: ask its author to seal it again.",
      });
    }
  }
  if (seen < paddedSize) throw sizeMismatch(paddedSize, `only ${seen} came`);
}

function floorLog2(value: number): number {
  // Math.log2 rounds up just below large powers of two.
  return value.toString(2).length - 1;
}

function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

function sizeMismatch(expected: number, what: string): ChartChainError {
  return new ChartChainError("SIZE_MISMATCH", `the stream should have ${expected} bytes, but ${what}`, {
    details: { expected },
    hint: "Give the stream's exact size in bytes, and do not change the file while it is read.",
  });
}
