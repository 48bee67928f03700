import type { Field } from "./canonical-cbor.js";

/** Of what kind a record is. All records of a compartment are of one kind. */
export interface RecordKind {
  /** 0 (SUMMARY) to 7 (SENSITIVE). */
  category: number;
  /**
   * Of SENSITIVE, and only there: the classes that the record has, all of them, a bit for each of the seven. What has two lies
   * in a compartment of both: who holds the keys of one can't open it.
   */
  classes?: number;
  /** Care that a minor consented to alone: nobody who acts for the patient gets the key. Left out for everything else. */
  confidential?: true;
}

const SENSITIVE = 7;
const ALL_CLASSES = 0b111_1111;

/** A kind in the bytes of {@link encodeKind}. */
export const kindField: Field = {
  expected: "a kind: a category, classes of what is SENSITIVE and of nothing else, and 1 for what is confidential",
  accepts: (value) => value instanceof Uint8Array && value.length === 3 && value[2]! <= 1 && isKind(decodeKind(value)),
};

/**
 * A kind in three bytes: its category, its classes (0 for none), and 1 where it is confidential. They are as many for every kind,
 * so that the length of what is sealed with one doesn't tell it.
 *
 * @returns no bytes for what isn't a kind, which {@link kindField} refuses
 */
export const encodeKind = (kind: RecordKind): Uint8Array =>
  isKind(kind)
    ? Uint8Array.of(kind.category, kind.classes ?? 0, kind.confidential === true ? 1 : 0)
    : new Uint8Array(0);

/** Reads what {@link encodeKind} made. */
export const decodeKind = (bytes: Uint8Array): RecordKind => ({
  category: bytes[0]!,
  ...(bytes[1] === 0 ? {} : { classes: bytes[1]! }),
  ...(bytes[2] === 0 ? {} : { confidential: true }),
});

/** The kind alone, of whatever has one. */
export const kindOf = ({ category, classes, confidential }: RecordKind): RecordKind => ({
  category,
  ...(classes === undefined ? {} : { classes }),
  ...(confidential === undefined ? {} : { confidential }),
});

/** A text that stands for a kind, to tell it from others. It says what records are about: keep it sealed. */
export const nameOfKind = ({ category, classes = 0, confidential }: RecordKind): string =>
  `${category}/${classes}${confidential === true ? "/confidential" : ""}`;

function isKind({ category, classes, confidential }: RecordKind): boolean {
  const isSet = classes === undefined || (Number.isInteger(classes) && classes >= 1 && classes <= ALL_CLASSES);
  return (
    Number.isInteger(category) &&
    category >= 0 &&
    category <= SENSITIVE &&
    isSet &&
    (category === SENSITIVE) === (classes !== undefined) &&
    [undefined, true].includes(confidential)
  );
}
