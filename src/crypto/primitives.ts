/** SHA-256 over bytes that come one after another. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** The 32 bytes; nothing can be added afterwards. */
  digest(): Uint8Array;
}

/** What AES-256-GCM (NIST SP 800-38D) needs beside the bytes. */
export interface AesGcm {
  /** 32 bytes. */
  key: Uint8Array;
  /** 12 bytes, never twice under one key. */
  nonce: Uint8Array;
  /** Bytes that are authenticated and not encrypted; none when left out. */
  associatedData?: Uint8Array;
}

/** How costly scrypt (RFC 7914) is: it takes 128 · N · r bytes of memory. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/**
 * The primitives that this library takes from the machine: from Node's OpenSSL, or in a browser from Web Cryptography and,
 * where that can't answer at once, from the noble libraries. Both give the same bytes.
 *
 * Opening gives `undefined` for a tag that doesn't verify. What can't be wiped by its caller is wiped before.
 */
export interface Primitives {
  randomBytes: (length: number) => Uint8Array;
  /** A whole number from 0 to `limit` − 1, each equally likely; `limit` is at most 2³². */
  randomInt: (limit: number) => number;
  /** Both have the same length. The time taken doesn't depend on what they hold. */
  equal: (a: Uint8Array, b: Uint8Array) => boolean;
  startSha256: () => RunningHash;
  hmacSha256: (key: Uint8Array, message: Uint8Array) => Uint8Array;
  /** HKDF (RFC 5869); `info` has at most 1,024 bytes. */
  hkdfSha256: (key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => Uint8Array;
  /** A small box: ciphertext ‖ tag. */
  sealBytes: (plaintext: Uint8Array, options: AesGcm) => Uint8Array;
  openBytes: (sealed: Uint8Array, options: AesGcm) => Uint8Array | undefined;
  /** A segment of a stream: `front` ‖ ciphertext ‖ tag, in memory that nobody else uses. */
  sealSegment: (front: Uint8Array, parts: readonly Uint8Array[], options: AesGcm) => Uint8Array | Promise<Uint8Array>;
  openSegment: (
    parts: readonly Uint8Array[],
    tag: Uint8Array,
    options: AesGcm,
  ) => Uint8Array[] | undefined | Promise<Uint8Array[] | undefined>;
  /** 32 bytes. */
  scrypt: (password: string, salt: Uint8Array, cost: ScryptCost) => Promise<Uint8Array>;
}

/** Length of AES-GCM's tag in bytes. */
export const TAG_LENGTH = 16;
