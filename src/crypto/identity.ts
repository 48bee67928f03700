import type { KeyPair } from "hpke";
import { requireBytes, plainBytes } from "./bytes.js";
import { hpkeSuite } from "./hpke-suite.js";
import { randomBytes } from "./platform.js";

/** Length of an identity seed in bytes. */
export const SEED_LENGTH = 32;

/** A participant's encryption keys. The private half cannot be exported; keep the seed, locked, to have it again. */
export interface IdentityKeyPair {
  /** The raw MLKEM768-X25519 encapsulation key, 1216 bytes, as it is published in the key document. */
  readonly publicKey: Uint8Array;
  /** The keys as the HPKE library holds them. */
  readonly handle: KeyPair;
}

/**
 * A fresh random identity seed.
 *
 * It comes from the system's generator and never from a wallet signature: a signature can be asked for again by any
 * site the wallet connects to, and its curve is not post-quantum.
 *
 * @returns 32 random bytes; keep them only under {@link lockSecret}
 *
 * @example
 * const locked = await lockSecret(generateSeed(), passphrase);
 */
export function generateSeed(): Uint8Array {
  return randomBytes(SEED_LENGTH);
}

/**
 * The key pair that belongs to a seed, always the same one: HPKE's `DeriveKeyPair` (RFC 9180, section 4) of the hybrid
 * KEM MLKEM768-X25519 (draft-ietf-hpke-pq).
 *
 * @param seed 32 bytes from {@link generateSeed}
 * @returns the public key as raw bytes and a private key that cannot be exported
 * @throws `CRYPTO_INPUT_INVALID` when the seed is not 32 bytes
 *
 * @example
 * const { publicKey } = await deriveKeyPair(seed);
 */
export async function deriveKeyPair(seed: Uint8Array): Promise<IdentityKeyPair> {
  requireBytes(seed, SEED_LENGTH, "seed");
  const suite = await hpkeSuite();
  const handle = await suite.DeriveKeyPair(seed, false);
  return { publicKey: plainBytes(await suite.SerializePublicKey(handle.publicKey)), handle };
}
