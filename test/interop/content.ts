import { createCipheriv } from "node:crypto";

const MEBIBYTE = 2 ** 20;
const ZEROS = Buffer.alloc(MEBIBYTE);

/**
 * The first `size` bytes of one endless stream in which no two leaves are alike: the keystream of AES-256-CTR under a key
 * and counter of zeros. The vectors of CIDs use it.
 */
export function* keystream(size: number): Generator<Uint8Array> {
  const cipher = createCipheriv("aes-256-ctr", Buffer.alloc(32), Buffer.alloc(16));
  for (let left = size; left > 0; left -= MEBIBYTE) yield cipher.update(ZEROS.subarray(0, Math.min(left, MEBIBYTE)));
}
