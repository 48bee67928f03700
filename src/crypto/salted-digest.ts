import { domain, type DomainLabel } from "./domain.js";
import { sha256 } from "./platform.js";

/** How many random bytes a salted digest takes. */
export const SALT_LENGTH = 32;

/**
 * What is put on chain about a document that travels in files: SHA-256 over a domain label, a salt and the bytes. It is
 * the CID of nothing, so nobody who looks for providers of a digest learns who asks for the document.
 *
 * @param salt 32 random bytes, which travel with the document
 * @returns 32 bytes
 *
 * @example
 * const termsDigest = hexlify(saltedDigest("terms", salt, sealed));
 */
export function saltedDigest(label: DomainLabel, salt: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (salt.length !== SALT_LENGTH) throw new RangeError(`a salt has ${SALT_LENGTH} bytes`);
  return sha256(domain(label), salt, bytes);
}
