import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 } from "hpke";

/** Length of a raw MLKEM768-X25519 encapsulation key: 1184 bytes ML-KEM-768 ‖ 32 bytes X25519. */
export const PUBLIC_KEY_LENGTH = 1216;

/** Length of an encapsulated secret: 1088 bytes ML-KEM-768 ciphertext ‖ 32 bytes X25519. */
export const ENCAPSULATED_LENGTH = 1120;

/** Name of the one HPKE suite in use, as key documents carry it. */
export const HPKE_SUITE = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM";

let chosen: Promise<CipherSuite> | undefined;

/**
 * HPKE (RFC 9180) with the hybrid KEM MLKEM768-X25519 (0x647a, draft-ietf-hpke-pq), HKDF-SHA256 and AES-256-GCM.
 * Breaking it takes breaking both ML-KEM-768 and X25519.
 *
 * The KEM is Web Cryptography's where that has ML-KEM, and noble's elsewhere: in browsers, and in Node before 24.7. Both
 * give the same bytes. With noble a private key lies in JavaScript's memory, and wrapping takes four times as long.
 */
export const hpkeSuite = (): Promise<CipherSuite> => (chosen ??= hasMlKem() ? nativeSuite() : nobleSuite());

/** With the KEM of Web Cryptography. */
export const nativeSuite = async (): Promise<CipherSuite> => suiteOf(KEM_MLKEM768_X25519);

/** With the KEM of noble, which is loaded here and not before: it takes a tenth of a second. */
export const nobleSuite = async (): Promise<CipherSuite> =>
  suiteOf((await import("@panva/hpke-noble")).KEM_MLKEM768_X25519);

const suiteOf = (kem: typeof KEM_MLKEM768_X25519) => new CipherSuite(kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/**
 * As the Web Cryptography of today's drafts says it (Modern Algorithms in the Web Cryptography API); older ones say nothing. A
 * pair of keys comes from its seed by cSHAKE256, which a browser that has ML-KEM may lack.
 */
function hasMlKem(): boolean {
  const { SubtleCrypto } = globalThis as {
    SubtleCrypto?: { supports?: (operation: string, algorithm: string | object) => boolean };
  };
  const expansion = { name: "cSHAKE256", length: 512, outputLength: 512 };
  return [
    ["encapsulateBits", "ML-KEM-768"],
    ["digest", expansion],
  ].every(([operation, algorithm]) => SubtleCrypto?.supports?.(operation as string, algorithm!) ?? false);
}
