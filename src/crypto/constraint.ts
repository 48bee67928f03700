import { byteString, canonicalCodec, constant, integer, optional, text, textSet } from "./canonical-cbor.js";
import { domain } from "./domain.js";
import { participantField } from "./identifiers.js";
import { randomBytes, sha256 } from "./platform.js";

/**
 * The sealed narrowing of one grant. Each part narrows further; a record has to fit all that are there. It travels off
 * chain only; the chain has its salted digest.
 */
export interface Constraint {
  version: 1;
  /** 32 random bytes, so that nobody finds the narrowing from its digest by guessing. */
  salt: Uint8Array;
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of the viewer. */
  viewer: number;
  /** Purpose of use, as its index in the contracts' enumeration. */
  purpose: number;
  /** Whose records, as the grant says: a participant id, or 0 for every steward's. */
  steward: number;
  /** Sensitivity classes (HL7 v3 ActCode), sorted: a record of another class isn't admitted. Empty: of none. */
  classes?: string[];
  /** The earliest and the latest day that a record may be about, in seconds since 1970, both included. */
  from?: number;
  to?: number;
  /** The one encounter that a record belongs to, as its FHIR reference is written. */
  encounter?: string;
  /** RFC 9162 root over the digests of the records that are listed, sorted, and how many they are. */
  root?: Uint8Array;
  size?: number;
  /** Nothing goes out before, in seconds since 1970. */
  notBefore?: number;
}

/** Up to the year 5138. */
const time = integer(0, 99_999_999_999);

const codec = canonicalCodec<Constraint>(
  "CONSTRAINT_MALFORMED",
  "constraint",
  {
    version: constant(1),
    salt: byteString(32),
    patient: participantField,
    viewer: participantField,
    purpose: integer(0, 6),
    steward: integer(0, 2 ** 40 - 1),
    classes: optional(
      textSet(
        text("a sensitivity class", (value) => /^[A-Z]{2,12}$/.test(value)),
        0,
        16,
      ),
    ),
    from: optional(time),
    to: optional(time),
    encounter: optional(text("1 to 255 characters", (value) => value.length > 0 && value.length <= 255)),
    root: optional(byteString(32)),
    size: optional(integer(1, 32_768)),
    notBefore: optional(time),
  },
  ({ root, size, from, to }) => {
    if ((root === undefined) !== (size === undefined)) return "a list has a root and a size";
    return from !== undefined && to !== undefined && from > to ? "it ends before it begins" : undefined;
  },
);

/**
 * A constraint with a fresh salt.
 *
 * @throws `CONSTRAINT_MALFORMED` when a value is not allowed
 *
 * @example
 * const constraint = createConstraint({ patient: 7, viewer: 9, purpose: 2, steward: 4, classes: [] });
 */
export const createConstraint = (narrowing: Omit<Constraint, "version" | "salt">): Constraint =>
  codec.decode(codec.encode({ ...narrowing, version: 1, salt: randomBytes(32) }));

/**
 * A constraint's one encoding, DAG-CBOR. It is about a patient: keep it sealed.
 *
 * @throws `CONSTRAINT_MALFORMED`
 */
export const encodeConstraint = (constraint: Constraint): Uint8Array => codec.encode(constraint);

/**
 * Reads an encoded constraint.
 *
 * @throws `CONSTRAINT_MALFORMED` when it is not the one encoding of a constraint
 */
export const decodeConstraint = (bytes: Uint8Array): Constraint => codec.decode(bytes);

/**
 * What a grant names on chain: SHA-256 over a domain label and the encoded constraint.
 *
 * @returns 32 bytes
 * @throws `CONSTRAINT_MALFORMED`
 *
 * @example
 * await consents.grantConstrained(patient, given, constraintDigest(constraint));
 */
export function constraintDigest(constraint: Constraint): Uint8Array {
  return sha256(domain("constraint"), encodeConstraint(constraint));
}
