import type * as NodeCrypto from "node:crypto";

import { plainBytes } from "../bytes.js";
import { type AesGcm, type Primitives, TAG_LENGTH } from "../primitives.js";

const AES = "aes-256-gcm";

/** The primitives of Node, which are OpenSSL's. */
export function nodePrimitives(crypto: typeof NodeCrypto): Primitives {
  // Of bare bytes Node 24 finds out what they are by two exceptions that it catches itself, which takes ten times as long as
  // what is done with the key for a small secret. The object's copy is overwritten when the object goes, as the copies are
  // that Node makes of bare bytes.
  const keyObject = (key: Uint8Array): NodeCrypto.KeyObject => crypto.createSecretKey(key);

  // Without authTagLength Node accepts a tag cut down to four bytes.
  const options = { authTagLength: TAG_LENGTH };

  function decipherOf(tag: Uint8Array, { key, nonce, associatedData }: AesGcm): NodeCrypto.DecipherGCM {
    const decipher = crypto.createDecipheriv(AES, keyObject(key), nonce, options);
    if (associatedData !== undefined) decipher.setAAD(associatedData);
    return decipher.setAuthTag(tag);
  }

  function cipherOf({ key, nonce, associatedData }: AesGcm): NodeCrypto.CipherGCM {
    const cipher = crypto.createCipheriv(AES, keyObject(key), nonce, options);
    return associatedData === undefined ? cipher : cipher.setAAD(associatedData);
  }

  return {
    randomBytes: (length) => plainBytes(crypto.randomBytes(length)),
    randomInt: (limit) => crypto.randomInt(limit),
    equal: (a, b) => crypto.timingSafeEqual(a, b),
    startSha256() {
      const hash = crypto.createHash("sha256");
      return { update: (bytes) => void hash.update(bytes), digest: () => plainBytes(hash.digest()) };
    },
    hmacSha256: (key, message) => plainBytes(crypto.createHmac("sha256", keyObject(key)).update(message).digest()),
    hkdfSha256: (key, salt, info, length) =>
      new Uint8Array(crypto.hkdfSync("sha256", keyObject(key), salt, info, length)),
    sealBytes(plaintext, aes) {
      const cipher = cipherOf(aes);
      const sealed = new Uint8Array(plaintext.length + TAG_LENGTH);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    openBytes(sealed, aes) {
      const end = sealed.length - TAG_LENGTH;
      const decipher = decipherOf(sealed.subarray(end), aes);
      const plaintext = decipher.update(sealed.subarray(0, end));
      return verified(decipher) ? plainBytes(plaintext) : forget([plaintext]);
    },
    sealSegment(front, parts, aes) {
      const cipher = cipherOf(aes);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      // Not zeroed and not from Buffer's pool: every byte is written below, and whoever gets the segment may keep it.
      const sealed = plainBytes(Buffer.allocUnsafeSlow(front.length + length + TAG_LENGTH));
      sealed.set(front);
      let offset = front.length;
      for (const part of parts) {
        const encrypted = cipher.update(part);
        sealed.set(encrypted, offset);
        offset += encrypted.length;
        release(encrypted);
      }
      cipher.final();
      sealed.set(cipher.getAuthTag(), offset);
      return sealed;
    },
    openSegment(parts, tag, aes) {
      const decipher = decipherOf(tag, aes);
      const plaintext = parts.map((part) => plainBytes(decipher.update(part)));
      return verified(decipher) ? plaintext : forget(plaintext);
    },
    scrypt: (password, salt, { N, r, p }) =>
      new Promise((resolve, reject) => {
        const maxmem = 128 * N * r + 128 * r * p + 2 ** 20;
        crypto.scrypt(password, salt, 32, { N, r, p, maxmem }, (error, key) => {
          if (error === null) resolve(plainBytes(key));
          else reject(error);
        });
      }),
  };
}

function verified(decipher: NodeCrypto.DecipherGCM): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

function forget(plaintext: readonly Uint8Array[]): undefined {
  for (const part of plaintext) part.fill(0);
}

/** Gives the memory of a buffer that was copied back at once: the garbage collector lets a hundred of them pile up first. */
function release({ buffer, byteLength }: Uint8Array): void {
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (whole && "transfer" in ArrayBuffer.prototype) buffer.transfer(0);
}
