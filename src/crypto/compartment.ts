import { byteString, canonicalCodec, optional } from "./canonical-cbor.js";
import { participantField, roundField } from "./identifiers.js";
import { decodeKind, encodeKind, kindField, type RecordKind } from "./record-kind.js";
import { randomBytes } from "./platform.js";

/** Which records one compartment key opens. */
export interface CompartmentScope extends RecordKind {
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of who keeps the records. */
  steward: number;
  /** Grows by one when the compartment is re-keyed, which happens after a member lost access. */
  round: number;
  /** Manifest digest (32 bytes) of the one record that it opens, where it is no compartment's key. */
  record?: Uint8Array;
}

/**
 * The key of a compartment: whoever holds it opens the envelope of every record in it. One of a single record is how that
 * record alone is handed on.
 */
export interface CompartmentKey extends CompartmentScope {
  /** 16 random bytes, so that envelopes and wraps name a compartment without saying whose it is. */
  id: Uint8Array;
  /** 32 random bytes. */
  key: Uint8Array;
}

/** As it is encoded: whatever its kind is, a compartment's key is as long as another. */
type EncodedKey = Omit<CompartmentKey, keyof RecordKind> & { kind: Uint8Array };

const codec = canonicalCodec<EncodedKey>("COMPARTMENT_KEY_MALFORMED", "compartment key", {
  id: byteString(16),
  patient: participantField,
  steward: participantField,
  kind: kindField,
  round: roundField,
  record: optional(byteString(32)),
  key: byteString(32),
});

/**
 * A fresh random key for a compartment.
 *
 * @throws `COMPARTMENT_KEY_MALFORMED` when a value is out of range
 *
 * @example
 * const compartmentKey = createCompartmentKey({ patient: 17, steward: 4, category: 2, round: 0 });
 */
export function createCompartmentKey(scope: CompartmentScope): CompartmentKey {
  const id = randomBytes(16);
  const key = randomBytes(32);
  return decodeCompartmentKey(encodeCompartmentKey({ ...scope, id, key }));
}

/**
 * A compartment key's one encoding, DAG-CBOR. It is as secret as the key. What a vault notes beside it is left out.
 *
 * @throws `COMPARTMENT_KEY_MALFORMED`
 *
 * @example
 * const box = sealBox(vaultKey, encodeCompartmentKey(compartmentKey), compartmentKey.id);
 */
export function encodeCompartmentKey(compartmentKey: CompartmentKey): Uint8Array {
  const { id, patient, steward, round, record, key } = compartmentKey;
  const kind = encodeKind(compartmentKey);
  return codec.encode({ id, patient, steward, kind, round, key, ...(record === undefined ? {} : { record }) });
}

/**
 * Reads an encoded compartment key.
 *
 * @throws `COMPARTMENT_KEY_MALFORMED` when it is not the one encoding of a compartment key
 *
 * @example
 * const compartmentKey = decodeCompartmentKey(openBox(vaultKey, box, id));
 */
export function decodeCompartmentKey(bytes: Uint8Array): CompartmentKey {
  const { kind, ...others } = codec.decode(bytes);
  return { ...others, ...decodeKind(kind) };
}
