import { createHash } from "node:crypto";
import { byteString, canonicalCodec, constant, optional, text } from "./canonical-cbor.js";
import { HPKE_SUITE, PUBLIC_KEY_LENGTH } from "./hpke-suite.js";

/**
 * What a participant publishes about its keys: one raw IPFS block, whose sha2-256 digest is on chain and is therefore
 * its CID.
 */
export interface KeyDocument {
  version: 1;
  suite: typeof HPKE_SUITE;
  /** Raw MLKEM768-X25519 key, 1216 bytes. */
  publicKey: Uint8Array;
  /** Where the participant's gatekeeper answers, an https URL; patients have none. */
  service?: string;
}

const codec = canonicalCodec<KeyDocument>("KEY_DOCUMENT_MALFORMED", "key document", {
  version: constant(1),
  suite: constant(HPKE_SUITE),
  publicKey: byteString(PUBLIC_KEY_LENGTH),
  service: optional(text("an https URL without credentials, at most 1024 characters", isService)),
});

/**
 * A key document's one encoding, DAG-CBOR.
 *
 * @param document version and suite may be left out
 * @throws `KEY_DOCUMENT_MALFORMED` when the key has a wrong length or the service is no https URL
 *
 * @example
 * const block = encodeKeyDocument({ publicKey, service: "https://gatekeeper.hospital.example/" });
 */
export function encodeKeyDocument(
  document: Omit<KeyDocument, "version" | "suite"> & Partial<Pick<KeyDocument, "version" | "suite">>,
): Uint8Array {
  return codec.encode({ version: 1, suite: HPKE_SUITE, ...document });
}

/**
 * Reads a key document. Check the block's digest against the chain first.
 *
 * @throws `KEY_DOCUMENT_MALFORMED` when it is not the one encoding of a key document of this version and suite
 *
 * @example
 * const { publicKey } = decodeKeyDocument(block);
 */
export function decodeKeyDocument(bytes: Uint8Array): KeyDocument {
  return codec.decode(bytes);
}

/**
 * SHA-256 of a block, which is the digest in its CID.
 *
 * @returns 32 bytes
 *
 * @example
 * await registrar.setKeyDocument(blockDigest(encodeKeyDocument({ publicKey })));
 */
export function blockDigest(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

function isService(value: string): boolean {
  if (value.length > 1024 || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === "https:" && url.username === "" && url.password === "" && url.hash === "";
}
