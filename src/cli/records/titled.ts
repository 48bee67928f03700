import type { RecordHeading } from "../../fhir/index.js";
import { isChartChainError } from "../../errors/index.js";
import type { Client } from "../../sdk/index.js";
import { recordHeading } from "../../sdk/records/record-heading.js";
import { printable } from "../terminal/printable.js";
import type { ReadableRecord } from "./list-readable.js";

/** A record as a list shows it. */
export interface TitledRecord extends ReadableRecord {
  /** What it says it is; undefined for what may not be read now, and for what can't be reached. */
  title: string | undefined;
  /** The first and the last day that it names. */
  days: RecordHeading["days"];
}

/** Reads what a record says it is, if it may be read now. */
export async function titled(client: Client, record: ReadableRecord): Promise<TitledRecord> {
  const [purpose] = record.readableFor;
  if (purpose === undefined) return { ...record, title: undefined, days: undefined };
  try {
    const heading = await recordHeading(client, { digest: record.digest, purpose });
    return { ...record, title: printable(heading?.title ?? record.mediaType ?? ""), days: heading?.days };
  } catch (error) {
    // A list shows the others, too; opening the record says what is wrong with it.
    if (!isChartChainError(error)) throw error;
    return { ...record, title: undefined, days: undefined };
  }
}

/** When it is about, for a list: its last day, or when it was added where it names none. */
export const lastDay = ({ days, createdAt }: TitledRecord): string =>
  days?.last ?? (createdAt === undefined ? "" : new Date(createdAt * 1000).toISOString().slice(0, 10));

/** Whether it is about any time between two, in seconds since 1970; by when it was added where it names no day. */
export function isWithin(record: TitledRecord, since: number | undefined, until: number | undefined): boolean {
  if (since === undefined && until === undefined) return true;
  const { days, createdAt } = record;
  if (days === undefined && createdAt === undefined) return false;
  const first = days === undefined ? createdAt! : Date.parse(days.first) / 1000;
  const last = days === undefined ? createdAt! : endOf(days.last);
  return last >= (since ?? -Infinity) && first <= (until ?? Infinity);
}

/** The last second of a day, a month or a year. */
function endOf(text: string): number {
  const [year = 0, month, day] = text.split("-").map(Number);
  if (day !== undefined) return Date.UTC(year, month! - 1, day + 1) / 1000 - 1;
  return (month === undefined ? Date.UTC(year + 1, 0) : Date.UTC(year, month)) / 1000 - 1;
}

/** What a record may be read for now, or why nobody reads it. */
export function readableInWords({ unfinished, category, readableFor, maybeFor }: ReadableRecord): string {
  if (unfinished) return "nobody: unfinished";
  if (category === undefined) return "no key";
  return [...readableFor, ...maybeFor.map((purpose) => `${purpose} maybe`)].join(", ") || "nothing now";
}
