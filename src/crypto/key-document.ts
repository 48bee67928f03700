import { byteString, canonicalCodec, constant, optional, text } from "./canonical-cbor.js";
import { domain } from "./domain.js";
import { HPKE_SUITE, PUBLIC_KEY_LENGTH } from "./hpke-suite.js";
import { sha256 } from "./platform.js";

/** What a participant says about its key. It travels in files, or comes from its owner's service; its digest is on chain. */
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
 * const bytes = encodeKeyDocument({ publicKey, service: "https://gatekeeper.hospital.example/" });
 */
export function encodeKeyDocument(
  document: Omit<KeyDocument, "version" | "suite"> & Partial<Pick<KeyDocument, "version" | "suite">>,
): Uint8Array {
  return codec.encode({ version: 1, suite: HPKE_SUITE, ...document });
}

/**
 * Reads a key document. Check its digest against the chain first.
 *
 * @throws `KEY_DOCUMENT_MALFORMED` when it is not the one encoding of a key document of this version and suite
 *
 * @example
 * const { publicKey } = decodeKeyDocument(bytes);
 */
export function decodeKeyDocument(bytes: Uint8Array): KeyDocument {
  return codec.decode(bytes);
}

/**
 * What is put on chain about a key document: SHA-256 over a domain label and its bytes. It is the CID of nothing, so nobody
 * who looks for providers of a digest learns who asks for the document. It takes no salt: a public key is random already, so
 * nobody finds a document by trying, and who has one knows whose it is anyway.
 *
 * @param bytes from {@link encodeKeyDocument}
 * @returns 32 bytes
 *
 * @example
 * await registrar.changeKey(hexlify(keyDocumentDigest(encodeKeyDocument({ publicKey }))));
 */
export function keyDocumentDigest(bytes: Uint8Array): Uint8Array {
  return sha256(domain("key-document"), bytes);
}

function isService(value: string): boolean {
  if (value.length > 1024 || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === "https:" && url.username === "" && url.password === "" && url.hash === "";
}
