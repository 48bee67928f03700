import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 } from "hpke";

/** Length of a raw MLKEM768-X25519 encapsulation key: 1184 bytes ML-KEM-768 ‖ 32 bytes X25519. */
export const PUBLIC_KEY_LENGTH = 1216;

/** Length of an encapsulated secret: 1088 bytes ML-KEM-768 ciphertext ‖ 32 bytes X25519. */
export const ENCAPSULATED_LENGTH = 1120;

/** Name of the one HPKE suite in use, as key documents carry it. */
export const HPKE_SUITE = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM";

/**
 * HPKE (RFC 9180) with the hybrid KEM MLKEM768-X25519 (0x647a, draft-ietf-hpke-pq), HKDF-SHA256 and AES-256-GCM.
 * Breaking it takes breaking both ML-KEM-768 and X25519.
 */
export const hpkeSuite = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
