import { gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concatBytes } from "../bytes.js";
import { type AesGcm, type Primitives, TAG_LENGTH } from "../primitives.js";

// Web Cryptography fills no more than this at a time.
const MOST_RANDOM = 65_536;
const UINT32 = 2 ** 32;

const { subtle } = globalThis.crypto;

/** The primitives of any platform with Web Cryptography: streams through it, what has to be answered at once through noble. */
export const webPrimitives: Primitives = {
  randomBytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += MOST_RANDOM) {
      globalThis.crypto.getRandomValues(bytes.subarray(at, at + MOST_RANDOM));
    }
    return bytes;
  },
  randomInt(limit) {
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > UINT32) throw new RangeError("the limit is out of range");
    // What lies past the last whole multiple would make small numbers likelier.
    const end = UINT32 - (UINT32 % limit);
    const word = new Uint32Array(1);
    do globalThis.crypto.getRandomValues(word);
    while (word[0]! >= end);
    return word[0]! % limit;
  },
  equal(a, b) {
    let differ = 0;
    for (let i = 0; i < a.length; i++) differ |= a[i]! ^ b[i]!;
    return differ === 0;
  },
  startSha256() {
    const hash = sha256.create();
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
  },
  hmacSha256: (key, message) => hmac(sha256, key, message),
  hkdfSha256: (key, salt, info, length) => hkdf(sha256, key, salt, info, length),
  sealBytes: (plaintext, { key, nonce, associatedData }) => gcm(key, nonce, associatedData).encrypt(plaintext),
  openBytes(sealed, { key, nonce, associatedData }) {
    try {
      return gcm(key, nonce, associatedData).decrypt(sealed);
    } catch {
      return undefined;
    }
  },
  async sealSegment(front, parts, aes) {
    const sealed = await subtle.encrypt(parameters(aes), await keyOf(aes), joined(parts));
    return concatBytes(front, new Uint8Array(sealed));
  },
  async openSegment(parts, tag, aes) {
    const key = await keyOf(aes);
    const sealed = joined([...parts, tag]);
    const opened = await subtle.decrypt(parameters(aes), key, sealed).catch(refusedTag);
    return opened === undefined ? undefined : [new Uint8Array(opened)];
  },
  scrypt: (password, salt, cost) =>
    scryptAsync(password, salt, {
      ...cost,
      dkLen: 32,
      maxmem: 128 * cost.N * cost.r + 128 * cost.r * cost.p + 2 ** 20,
    }),
};

// TypeScript tells memory that may be shared from memory that may not; Web Cryptography takes the second only.
type OwnBytes = Uint8Array<ArrayBuffer>;

const joined = (parts: readonly Uint8Array[]): OwnBytes => concatBytes(...parts) as OwnBytes;

function parameters({ nonce, associatedData }: AesGcm): Parameters<typeof subtle.encrypt>[0] {
  const own = { name: "AES-GCM", iv: nonce as OwnBytes, tagLength: TAG_LENGTH * 8 };
  return associatedData === undefined ? own : { ...own, additionalData: associatedData as OwnBytes };
}

const keyOf = ({ key }: AesGcm): ReturnType<typeof subtle.importKey> =>
  subtle.importKey("raw", key as OwnBytes, "AES-GCM", false, ["encrypt", "decrypt"]);

/** Web Cryptography says nothing more than this of a tag that doesn't verify. */
function refusedTag(error: unknown): undefined {
  if (error instanceof Error && error.name === "OperationError") return undefined;
  throw error;
}
