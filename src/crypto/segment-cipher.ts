import { ChartChainError } from "../errors/index.js";
import { concatBytes, requireBytes, requireInteger, wipe } from "./bytes.js";
import { HEADER_LENGTH, MAX_SEGMENTS, NONCE_PREFIX_LENGTH, SALT_LENGTH } from "./segment-layout.js";
import { type Segment, splitSegment } from "./segments.js";
import { hkdfSha256, platform } from "./platform.js";
import { TAG_LENGTH } from "./primitives.js";

// Node limits the info of HKDF to this; Tink has no limit, and no caller comes near it.
const MAX_ASSOCIATED_DATA = 1024;

/** What a stream is sealed with. */
export interface StreamKey {
  /** The data encryption key, 32 random bytes, fresh for each stream. */
  key: Uint8Array;
  /** Up to 1024 bytes that are not stored but must be the same on opening. */
  associatedData: Uint8Array;
}

/**
 * Encrypts and decrypts the segments of one stream: AES-256-GCM under HKDF-SHA256(key, salt, associated data), nonce =
 * prefix ‖ segment index (32-bit, big-endian) ‖ 1 for the last segment, else 0.
 *
 * @see https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming
 */
export class SegmentCipher {
  readonly #key: Uint8Array;
  readonly #noncePrefix: Uint8Array;

  /**
   * @param header 40 bytes: its own length ‖ salt (32) ‖ nonce prefix (7)
   * @throws `CRYPTO_INPUT_INVALID` for a key or associated data of a wrong length
   * @throws `CIPHERTEXT_REFUSED` when the header is cut or of another format
   */
  constructor({ key, associatedData }: StreamKey, header: Uint8Array) {
    requireBytes(key, 32, "key");
    requireInteger(associatedData.length, 0, MAX_ASSOCIATED_DATA, "associatedData.length");
    if (header.length !== HEADER_LENGTH || header[0] !== HEADER_LENGTH) throw refusal(0, "not a header of this format");
    const salt = header.subarray(1, 1 + SALT_LENGTH);
    this.#key = hkdfSha256(key, salt, associatedData, 32);
    this.#noncePrefix = header.slice(header.length - NONCE_PREFIX_LENGTH);
  }

  /** One segment, sealed, with the bytes of `front` before it. */
  seal(segment: Segment, index: number, front: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return platform.sealSegment(front, segment.parts, { key: this.#key, nonce: this.#nonce(index, segment.last) });
  }

  /**
   * The plaintext of one segment, given back only once its tag is verified.
   *
   * @throws `CIPHERTEXT_REFUSED` when it does not verify at this place
   */
  async open(segment: Segment, index: number): Promise<Uint8Array[]> {
    if (segment.length < TAG_LENGTH) throw refusal(index, "shorter than its tag");
    const { front, back } = splitSegment(segment, segment.length - TAG_LENGTH);
    const nonce = this.#nonce(index, segment.last);
    const plaintext = await platform.openSegment(front, concatBytes(...back), { key: this.#key, nonce });
    if (plaintext === undefined) throw refusal(index, "its tag does not verify");
    return plaintext;
  }

  /** Forgets the derived key; the cipher is of no use afterwards. */
  wipe(): void {
    wipe(this.#key);
  }

  #nonce(index: number, last: boolean): Uint8Array {
    requireInteger(index, 0, MAX_SEGMENTS - 1, "segment index");
    const nonce = new Uint8Array(12);
    nonce.set(this.#noncePrefix);
    new DataView(nonce.buffer).setUint32(NONCE_PREFIX_LENGTH, index);
    nonce[11] = last ? 1 : 0;
    return nonce;
  }
}

/** The one error for ciphertext that is not what was sealed. */
export function refusal(segment: number, reason: string): ChartChainError {
  return new ChartChainError("CIPHERTEXT_REFUSED", `segment ${segment} of the ciphertext is refused: ${reason}`, {
    details: { segment, reason },
    hint: "Fetch the ciphertext again from another source; if it stays refused, key and record do not belong together.",
  });
}
