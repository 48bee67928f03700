import { createHash } from "node:crypto";

/**
 * One digest over many proofs, so that the vectors of every tree up to 130 leaves stay small: SHA-256 over each proof as
 * its number of hashes (one byte) followed by the hashes.
 *
 * @returns hexadecimal
 */
export function proofsDigest(proofs: Iterable<readonly Uint8Array[]>): string {
  const hash = createHash("sha256");
  for (const proof of proofs) {
    hash.update(Uint8Array.of(proof.length));
    for (const node of proof) hash.update(node);
  }
  return hash.digest("hex");
}
