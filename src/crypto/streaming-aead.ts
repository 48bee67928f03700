import { concatBytes, requireBytes } from "./bytes.js";
import { FIRST_PLAINTEXT, HEADER_LENGTH, LATER_PLAINTEXT, SEGMENT_SIZE } from "./segment-layout.js";
import { NONCE_PREFIX_LENGTH, SALT_LENGTH } from "./segment-layout.js";
import { SegmentCipher, type StreamKey, refusal } from "./segment-cipher.js";
import { type ByteStream, segments, splitSegment } from "./segments.js";
import { randomBytes } from "./platform.js";

/** The random part of a stream's header. Repeating it under one key breaks the encryption. */
export interface StreamRandomness {
  /** 32 bytes. */
  salt: Uint8Array;
  /** 7 bytes. */
  noncePrefix: Uint8Array;
}

/**
 * Seals a stream with the streaming AEAD that Tink publishes, template AES256_GCM_HKDF_1MB. Tink opens what this seals
 * and the reverse.
 *
 * Each segment is authenticated with its place and with whether it is the last. About two segments are in memory at a
 * time, however long the stream.
 *
 * @param source plaintext chunks of any size; a chunk must not be written into again once it was yielded
 * @param options.key the data encryption key, 32 random bytes, fresh for each stream
 * @param options.associatedData up to 1024 bytes, not stored, needed again on opening
 * @returns ciphertext in segments of exactly 1 MiB (only the last is shorter), each one leaf of an IPFS file
 * @throws `CRYPTO_INPUT_INVALID` when the key is not 32 bytes, the associated data is longer than 1024 bytes or a chunk
 * is not a byte array
 * @see https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming
 *
 * @example
 * for await (const segment of sealStream(createReadStream("scan.dcm"), { key, associatedData })) await file.write(segment);
 */
export function sealStream(source: ByteStream, options: StreamKey): AsyncGenerator<Uint8Array> {
  const randomness = { salt: randomBytes(SALT_LENGTH), noncePrefix: randomBytes(NONCE_PREFIX_LENGTH) };
  return sealStreamWith(source, options, randomness);
}

/** {@link sealStream} with a given header: for test vectors only, and therefore not exported from the room. */
export async function* sealStreamWith(
  source: ByteStream,
  options: StreamKey,
  { salt, noncePrefix }: StreamRandomness,
): AsyncGenerator<Uint8Array> {
  requireBytes(salt, SALT_LENGTH, "salt");
  requireBytes(noncePrefix, NONCE_PREFIX_LENGTH, "noncePrefix");
  const header = concatBytes(Uint8Array.of(HEADER_LENGTH), salt, noncePrefix);
  const nothing = new Uint8Array(0);
  const cipher = new SegmentCipher(options, header);
  try {
    let index = 0;
    for await (const segment of segments(source, FIRST_PLAINTEXT, LATER_PLAINTEXT)) {
      yield await cipher.seal(segment, index, index === 0 ? header : nothing);
      index++;
    }
  } finally {
    cipher.wipe();
  }
}

/**
 * Opens a stream sealed by {@link sealStream} or by Tink.
 *
 * Yields only plaintext whose segment was authenticated. A stream that was cut yields the segments before the cut and
 * then throws: nothing is complete before the generator has ended.
 *
 * @param ciphertext chunks of any size; a chunk must not be written into again once it was yielded
 * @param options the key and associated data of sealing
 * @returns plaintext chunks of less than 1 MiB
 * @throws `CIPHERTEXT_REFUSED` when key or associated data are not those of sealing, or when the ciphertext was changed,
 * cut, extended or reordered
 * @throws `CRYPTO_INPUT_INVALID` as {@link sealStream}
 *
 * @example
 * for await (const chunk of openStream(ciphertext, { key, associatedData })) await file.write(chunk);
 */
export async function* openStream(ciphertext: ByteStream, options: StreamKey): AsyncGenerator<Uint8Array> {
  let cipher: SegmentCipher | undefined;
  try {
    let index = 0;
    for await (const segment of segments(ciphertext, SEGMENT_SIZE, SEGMENT_SIZE)) {
      if (cipher === undefined) {
        if (segment.length < HEADER_LENGTH) throw refusal(0, "shorter than its header");
        const { front, back } = splitSegment(segment, HEADER_LENGTH);
        cipher = new SegmentCipher(options, concatBytes(...front));
        yield* await cipher.open({ parts: back, length: segment.length - HEADER_LENGTH, last: segment.last }, index);
      } else {
        yield* await cipher.open(segment, index);
      }
      index++;
    }
  } finally {
    cipher?.wipe();
  }
}
