import { encode } from "@ipld/dag-cbor";

import { byteString, canonicalCodec, constant, integer, text, textSet } from "./canonical-cbor.js";
import { domain } from "./domain.js";
import { participantField } from "./identifiers.js";
import { sha256 } from "./platform.js";

/** How a Data Use Ontology code is written. */
export const DATA_USE_CODE = /^DUO:\d{7}$/;

/** `disease specific research`: the one permission that names diseases. */
const DISEASE_SPECIFIC = "DUO:0000007";

// A compact identifier of an ontology's term, such as MONDO:0005148.
const DISEASE_CODE = /^[A-Za-z][A-Za-z0-9_.]{0,31}:[A-Za-z0-9_.-]{1,64}$/;

/** What a study is about. It travels off chain only; the chain has a salted digest of it. */
export interface StudyTerms {
  version: 1;
  /** 32 random bytes, so that nobody finds the terms from their digest by guessing. */
  salt: Uint8Array;
  /** Participant id of who runs the study. */
  researcher: number;
  title: string;
  description: string;
  /** Whom a participant turns to: an institution, not a person. */
  contact: string;
  /** Data Use Ontology codes, sorted. */
  dataUse: string[];
  /** Terms of a disease ontology, sorted; empty unless the research is disease specific. */
  diseases: string[];
  /** Which records, a bit for each category. */
  categories: number;
}

/** What a steward handed to a study: what its receipt names by a digest. */
export interface StudyDelivery {
  /** 32 random bytes. */
  salt: Uint8Array;
  study: number;
  patient: number;
  /** The delivery as it is written: anything JSON can say. */
  content: unknown;
}

const line = (max: number) =>
  text(
    `one line of 1 to ${max} characters`,
    (value) => value.trim() !== "" && value.length <= max && !/[\u0000-\u001f\u007f-\u009f]/.test(value),
  );

const codec = canonicalCodec<StudyTerms>(
  "STUDY_TERMS_MALFORMED",
  "study's terms",
  {
    version: constant(1),
    salt: byteString(32),
    researcher: participantField,
    title: line(200),
    // Lines may end, but nothing else that moves a cursor.
    description: text(
      "1 to 4000 characters",
      (value) =>
        value.trim() !== "" && value.length <= 4_000 && !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(value),
    ),
    contact: line(200),
    dataUse: textSet(
      text("a code such as DUO:0000042", (value) => DATA_USE_CODE.test(value)),
      1,
      20,
    ),
    diseases: textSet(
      text("a code such as MONDO:0005148", (value) => DISEASE_CODE.test(value)),
      0,
      50,
    ),
    categories: integer(1, 255),
  },
  ({ dataUse, diseases }) =>
    dataUse.includes(DISEASE_SPECIFIC) === diseases.length > 0
      ? undefined
      : `diseases are named with ${DISEASE_SPECIFIC} and only with it`,
);

/**
 * The one encoding of a study's terms, DAG-CBOR.
 *
 * @throws `STUDY_TERMS_MALFORMED` when a field is missing, unknown or not allowed
 *
 * @example
 * const bytes = encodeStudyTerms(terms);
 */
export const encodeStudyTerms = (terms: StudyTerms): Uint8Array => codec.encode(terms);

/**
 * What is put on chain about a study's terms: SHA-256 over a domain label and their encoding, which holds the salt.
 *
 * @returns 32 bytes
 * @throws `STUDY_TERMS_MALFORMED` as {@link encodeStudyTerms}
 *
 * @example
 * const termsDigest = hexlify(studyTermsDigest(terms));
 */
export function studyTermsDigest(terms: StudyTerms): Uint8Array {
  return sha256(domain("study-terms"), encodeStudyTerms(terms));
}

/**
 * What a receipt says about a delivery: SHA-256 over a domain label and the delivery's DAG-CBOR, which orders the fields.
 *
 * @returns 32 bytes
 *
 * @example
 * const dataDigest = hexlify(studyDeliveryDigest({ salt, study, patient, content }));
 */
export function studyDeliveryDigest({ salt, study, patient, content }: StudyDelivery): Uint8Array {
  return sha256(domain("study-delivery"), encode({ salt, study, patient, content }));
}
