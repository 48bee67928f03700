import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { ChartChainError } from "../errors/index.js";
import { concatBytes, plainBytes, requireBytes, requireInteger, wipe } from "./bytes.js";
import { HEADER_LENGTH, MAX_SEGMENTS, NONCE_PREFIX_LENGTH, SALT_LENGTH, TAG_LENGTH } from "./segment-layout.js";
import { type Segment, splitSegment } from "./segments.js";

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
    this.#key = new Uint8Array(hkdfSync("sha256", key, salt, associatedData, 32));
    this.#noncePrefix = header.slice(header.length - NONCE_PREFIX_LENGTH);
  }

  /** One segment, sealed, with the bytes of `front` before it. */
  seal(segment: Segment, index: number, front: Uint8Array): Uint8Array {
    const nonce = this.#nonce(index, segment.last);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_LENGTH });
    // Not zeroed and not from Buffer's pool: every byte is written below, and whoever gets the segment may keep it.
    const sealed = plainBytes(Buffer.allocUnsafeSlow(front.length + segment.length + TAG_LENGTH));
    sealed.set(front);
    let offset = front.length;
    for (const part of segment.parts) {
      const encrypted = cipher.update(part);
      sealed.set(encrypted, offset);
      offset += encrypted.length;
      release(encrypted);
    }
    cipher.final();
    sealed.set(cipher.getAuthTag(), offset);
    return sealed;
  }

  /**
   * The plaintext of one segment, given back only once its tag is verified.
   *
   * @throws `CIPHERTEXT_REFUSED` when it does not verify at this place
   */
  open(segment: Segment, index: number): Uint8Array[] {
    if (segment.length < TAG_LENGTH) throw refusal(index, "shorter than its tag");
    const { front, back } = splitSegment(segment, segment.length - TAG_LENGTH);
    const nonce = this.#nonce(index, segment.last);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_LENGTH });
    decipher.setAuthTag(concatBytes(...back));
    const plaintext = front.map((part) => plainBytes(decipher.update(part)));
    try {
      decipher.final();
    } catch (cause) {
      wipe(...plaintext);
      throw refusal(index, "its tag does not verify", cause);
    }
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

/**
 * Gives the memory of a buffer that was copied back at once: the garbage collector lets a hundred of them pile up first.
 * Node 20 has no way to do so.
 */
function release({ buffer, byteLength }: Uint8Array): void {
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (whole && "transfer" in ArrayBuffer.prototype) buffer.transfer(0);
}

/** The one error for ciphertext that is not what was sealed. */
export function refusal(segment: number, reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("CIPHERTEXT_REFUSED", `segment ${segment} of the ciphertext is refused: ${reason}`, {
    details: { segment, reason },
    hint: "Fetch the ciphertext again from another source; if it stays refused, key and record do not belong together.",
    cause,
  });
}
