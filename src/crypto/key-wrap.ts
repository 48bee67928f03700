import { ChartChainError, isChartChainError } from "../errors/index.js";
import { concatBytes, requireInteger, wipe } from "./bytes.js";
import { byteString, canonicalCodec, integer } from "./canonical-cbor.js";
import { type CompartmentKey, decodeCompartmentKey, encodeCompartmentKey } from "./compartment.js";
import { bigEndian, domain } from "./domain.js";
import { openSealed, sealTo } from "./hpke-seal.js";
import { ENCAPSULATED_LENGTH } from "./hpke-suite.js";
import { participantField } from "./identifiers.js";
import type { IdentityKeyPair } from "./identity.js";
import { equalBytes, sha256 } from "./platform.js";

/** A compartment key, sealed to one participant. */
export interface KeyWrap {
  /** Id of the compartment key in it, 16 bytes. */
  compartmentId: Uint8Array;
  /** Participant id of the recipient. */
  participant: number;
  /** Version of the recipient's key that it is sealed to. */
  keyVersion: number;
  /** HPKE's encapsulated secret, 1120 bytes. */
  enc: Uint8Array;
  /** The sealed compartment key with its tag. */
  ciphertext: Uint8Array;
}

/** What to wrap, and to whom. */
export interface WrapCompartmentKeyOptions {
  compartmentKey: CompartmentKey;
  /** Raw MLKEM768-X25519 key of the recipient's key document, 1216 bytes. */
  recipientPublicKey: Uint8Array;
  /** Participant id of the recipient. */
  participant: number;
  /** Version of that key, as the Registrar counts it. */
  keyVersion: number;
}

const codec = canonicalCodec<KeyWrap>("KEY_WRAP_MALFORMED", "key wrap", {
  compartmentId: byteString(16),
  participant: participantField,
  keyVersion: integer(0, 2 ** 32 - 1),
  enc: byteString(ENCAPSULATED_LENGTH),
  ciphertext: byteString(32, 1024),
});

/**
 * Wraps a compartment key to a participant with HPKE (RFC 9180, base mode). The info binds compartment, recipient and
 * key version.
 *
 * Anyone can make a wrap: the granter signs {@link keyWrapDigest}, and the recipient checks that signature first.
 *
 * @throws `PUBLIC_KEY_INVALID`, `COMPARTMENT_KEY_MALFORMED`, or `CRYPTO_INPUT_INVALID` when an id or version is out of range
 *
 * @example
 * const wrap = await wrapCompartmentKey({ compartmentKey, recipientPublicKey, participant: 9, keyVersion: 1 });
 */
export async function wrapCompartmentKey(options: WrapCompartmentKeyOptions): Promise<KeyWrap> {
  const { compartmentKey, recipientPublicKey, participant, keyVersion } = options;
  requireInteger(participant, 1, 2 ** 40 - 1, "participant");
  requireInteger(keyVersion, 0, 2 ** 32 - 1, "keyVersion");
  const compartmentId = compartmentKey.id;
  const plaintext = encodeCompartmentKey(compartmentKey);
  try {
    const info = wrapInfo({ compartmentId, participant, keyVersion });
    const sealed = await sealTo(recipientPublicKey, info, plaintext);
    const enc = sealed.slice(0, ENCAPSULATED_LENGTH);
    const ciphertext = sealed.slice(ENCAPSULATED_LENGTH);
    return codec.decode(codec.encode({ compartmentId, participant, keyVersion, enc, ciphertext }));
  } finally {
    wipe(plaintext);
  }
}

/**
 * Opens a wrap.
 *
 * @param keyPair the recipient's, of the key version that the wrap names
 * @param options.participant the recipient's own participant id
 * @throws `KEY_WRAP_REFUSED` when it is for another participant or key, or was changed
 * @throws `KEY_WRAP_MISMATCH` when the compartment key in it has another id than the wrap says
 * @throws `KEY_WRAP_MALFORMED`, `COMPARTMENT_KEY_MALFORMED`
 *
 * @example
 * const compartmentKey = await unwrapCompartmentKey(wrap, keyPair, { participant: 9 });
 */
export async function unwrapCompartmentKey(
  wrap: KeyWrap,
  keyPair: IdentityKeyPair,
  { participant }: { participant: number },
): Promise<CompartmentKey> {
  const { compartmentId, keyVersion, enc, ciphertext, participant: recipient } = codec.decode(codec.encode(wrap));
  if (recipient !== participant) throw refused(`it is for participant ${recipient}`);
  let plaintext: Uint8Array;
  try {
    const info = wrapInfo({ compartmentId, participant, keyVersion });
    plaintext = await openSealed(keyPair, info, concatBytes(enc, ciphertext));
  } catch (cause) {
    if (!isChartChainError(cause, "SEALED_REFUSED")) throw cause;
    throw refused("it does not open with this key pair", cause);
  }
  try {
    const compartmentKey = decodeCompartmentKey(plaintext);
    if (equalBytes(compartmentKey.id, compartmentId)) return compartmentKey;
    throw new ChartChainError("KEY_WRAP_MISMATCH", "the key in the wrap is of another compartment than the wrap says", {
      hint: "Ask whoever granted access to wrap the key again.",
    });
  } finally {
    wipe(plaintext);
  }
}

/**
 * What the granter signs: SHA-256 over a domain label and the wrap's one encoding.
 *
 * @returns 32 bytes
 * @throws `KEY_WRAP_MALFORMED`
 *
 * @example
 * const signature = await wallet.signTypedData(domain, types, { wrap: keyWrapDigest(wrap) });
 */
export function keyWrapDigest(wrap: KeyWrap): Uint8Array {
  return sha256(domain("key-wrap-digest"), encodeKeyWrap(wrap));
}

/**
 * A wrap's one encoding, DAG-CBOR.
 *
 * @throws `KEY_WRAP_MALFORMED`
 *
 * @example
 * await writeFile("grant.wrap", encodeKeyWrap(wrap));
 */
export function encodeKeyWrap(wrap: KeyWrap): Uint8Array {
  return codec.encode(wrap);
}

/**
 * Reads an encoded wrap, without opening it.
 *
 * @throws `KEY_WRAP_MALFORMED` when it is not the one encoding of a wrap
 *
 * @example
 * const wrap = decodeKeyWrap(await readFile("grant.wrap"));
 */
export function decodeKeyWrap(bytes: Uint8Array): KeyWrap {
  return codec.decode(bytes);
}

/** HPKE's info: domain ‖ compartment id (16) ‖ participant (8) ‖ key version (4), numbers big-endian. */
export function wrapInfo(wrap: Pick<KeyWrap, "compartmentId" | "participant" | "keyVersion">): Uint8Array {
  const { compartmentId, participant, keyVersion } = wrap;
  return concatBytes(
    domain("compartment-key-wrap"),
    compartmentId,
    bigEndian(participant, 8),
    bigEndian(keyVersion, 4),
  );
}

function refused(reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("KEY_WRAP_REFUSED", `the key wrap is refused: ${reason}`, {
    details: { reason },
    hint: "Use the key pair of the key version that the wrap names; if it has changed since, ask for a new wrap.",
    cause,
  });
}
