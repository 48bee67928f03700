import type { Client, Question, SensitivityClass } from "chartchain";

import type { VisiblePart } from "../store/visible.js";

type Facts = Awaited<ReturnType<Exclude<NonNullable<NonNullable<Question["record"]>["facts"]>, "unseen">>>;

/** A record as far as what opens single ones asks. */
export interface RecordRow {
  /** The store's own number. */
  number: number;
  /** What the chain calls it, where it is anchored; the digest of nothing else otherwise. */
  digest: string;
  facts: NonNullable<Facts>;
  /** The classes of what is sensitive in it, and in what it refers to. */
  classes: readonly string[];
}

/** The records of one kind. */
export type RecordsOf = (kind: VisiblePart) => Promise<readonly RecordRow[]>;

/**
 * Whether a broken glass shows a SENSITIVE record: by the patient's wish, which this institution has to hold. Where the wish is about
 * medicines, only what holds medicines and allergies alone.
 */
export async function glassShows(client: Client, patient: number, { facts }: RecordRow): Promise<boolean> {
  const wish = await client.emergencyWishOf({ patient });
  if (wish?.showSensitive === "all") return true;
  return wish?.showSensitive === "medicines" && facts.isMedicines;
}

/** What the store says of a record. */
export interface Stored {
  number: number;
  classes: readonly SensitivityClass[];
  encounter: string | null;
  /** Milliseconds since 1970. */
  first: number | null;
  last: number | null;
  medicines: boolean;
}

/** No record of the chain: a constraint that lists records by their digests admits none of what isn't sealed. */
const NO_DIGEST = `0x${"0".repeat(64)}`;

/** A record of the store. */
export const rowOf = ({ number, classes, encounter, first, last, medicines }: Stored): RecordRow => ({
  ...{ number, digest: NO_DIGEST, classes },
  facts: {
    classes: [...classes],
    encounters: encounter === null ? undefined : [encounter],
    time:
      first === null || last === null ? undefined : { first: Math.floor(first / 1000), last: Math.floor(last / 1000) },
    isMedicines: medicines,
  },
});
