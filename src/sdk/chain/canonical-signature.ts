import { getBytes, recoverAddress, Signature, toBeHex, toBigInt } from "ethers";

/** The order of secp256k1's group (SEC 2, section 2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * The one form in which the contracts take a plain account's signature: 65 bytes, v as 27 or 28, s in the lower half
 * (EIP-2). Wallets also write v as 0 or 1, or the compact form of 64 bytes (EIP-2098), and s in either half: each of them
 * says the same.
 *
 * @param digest what was signed, 32 bytes in hex
 * @returns the signature in lower case, or undefined when it isn't this account's: a contract account has its own forms,
 *   which are left as they are
 */
export function canonicalSignature(digest: string, signature: string, account: string): string | undefined {
  try {
    const canonical = Signature.from(partsOf(getBytes(signature)));
    return recoverAddress(digest, canonical) === account ? canonical.serialized : undefined;
  } catch {
    return undefined;
  }
}

function partsOf(bytes: Uint8Array): { r: string; s: string; v: 27 | 28 } {
  const isCompact = bytes.length === 64;
  if (!isCompact && bytes.length !== 65) throw new RangeError("no plain account's signature has this length");
  const second = toBigInt(bytes.subarray(32, 64));
  // The compact form keeps the parity in the highest bit of s.
  let parity = isCompact ? Number(second >> 255n) : [0, 1, 27, 28].indexOf(bytes[64]!) % 2;
  let s = isCompact ? second & ((1n << 255n) - 1n) : second;
  if (parity < 0) throw new RangeError("v is none of 0, 1, 27 and 28");
  if (s > ORDER / 2n) {
    s = ORDER - s;
    parity = 1 - parity;
  }
  return { r: toBeHex(toBigInt(bytes.subarray(0, 32)), 32), s: toBeHex(s, 32), v: parity === 0 ? 27 : 28 };
}
