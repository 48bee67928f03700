import { DecapError, DeserializeError, EncapError, OpenError } from "hpke";
import { ChartChainError } from "../errors/index.js";
import { concatBytes, plainBytes } from "./bytes.js";
import { ENCAPSULATED_LENGTH, PUBLIC_KEY_LENGTH, hpkeSuite } from "./hpke-suite.js";
import type { IdentityKeyPair } from "./identity.js";

/**
 * Seals a message to a participant with HPKE base mode (RFC 9180, single-shot): encapsulated secret (1120 bytes) ‖
 * ciphertext with tag.
 *
 * Base mode does not say who sealed it: sign the result, or its digest, where that matters.
 *
 * @param publicKey raw MLKEM768-X25519 key, 1216 bytes
 * @param info what the message is for and about; opening needs the same bytes
 * @param plaintext the message
 * @returns 1136 bytes more than the message
 * @throws `PUBLIC_KEY_INVALID` when the key is not usable
 *
 * @example
 * const sealedTerms = await sealTo(patientKey, new TextEncoder().encode("relationship terms"), terms);
 */
export async function sealTo(publicKey: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== PUBLIC_KEY_LENGTH) throw invalidKey();
  if (!isReduced(publicKey)) throw invalidKey();
  const suite = await hpkeSuite();
  try {
    const key = await suite.DeserializePublicKey(publicKey);
    const { encapsulatedSecret, ciphertext } = await suite.Seal(key, plaintext, { info });
    return concatBytes(encapsulatedSecret, ciphertext);
  } catch (cause) {
    if (cause instanceof DeserializeError || cause instanceof EncapError) throw invalidKey(cause);
    throw cause;
  }
}

/**
 * Opens what {@link sealTo} sealed.
 *
 * @param keyPair the recipient's, from {@link deriveKeyPair}
 * @param info the bytes given on sealing
 * @param sealed encapsulated secret ‖ ciphertext
 * @returns the message
 * @throws `SEALED_REFUSED` when it was sealed to another key or with other info, or was changed
 *
 * @example
 * const terms = await openSealed(keyPair, new TextEncoder().encode("relationship terms"), sealedTerms);
 */
export async function openSealed(keyPair: IdentityKeyPair, info: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  const enc = sealed.subarray(0, ENCAPSULATED_LENGTH);
  const ciphertext = sealed.subarray(ENCAPSULATED_LENGTH);
  const suite = await hpkeSuite();
  try {
    return plainBytes(await suite.Open(keyPair.handle, enc, ciphertext, { info }));
  } catch (cause) {
    if (!(cause instanceof DecapError || cause instanceof OpenError)) throw cause;
    throw new ChartChainError("SEALED_REFUSED", `the sealed message of ${sealed.length} bytes does not open`, {
      details: { length: sealed.length },
      hint: "It was sealed to another key (an older key version?) or for another purpose, or it was changed: ask the sender for it again.",
      cause,
    });
  }
}

const MLKEM_Q = 3329;
/** Bytes of ML-KEM-768's three polynomials, twelve bits for each of their coefficients. */
const MLKEM_COEFFICIENTS = 3 * 384;

/** The modulus check of an ML-KEM key (FIPS 203, section 7.2). Not every library that can be under the suite makes it. */
function isReduced(publicKey: Uint8Array): boolean {
  for (let at = 0; at < MLKEM_COEFFICIENTS; at += 3) {
    const pair = publicKey[at]! | (publicKey[at + 1]! << 8) | (publicKey[at + 2]! << 16);
    if ((pair & 0xfff) >= MLKEM_Q || pair >> 12 >= MLKEM_Q) return false;
  }
  return true;
}

function invalidKey(cause?: unknown): ChartChainError {
  return new ChartChainError("PUBLIC_KEY_INVALID", "the public key is not a usable MLKEM768-X25519 key", {
    hint: "Take the key from the participant's key document and check that document's digest.",
    cause,
  });
}
