const [MINUTE, HOUR, DAY, WEEK] = [60, 3_600, 86_400, 604_800];

/** A length of time from now on, in seconds. */
export interface FromNow {
  fromNow: number;
}

/** A day that counts with all of it. */
export interface WholeDay {
  /** As it was written: today and tomorrow count from the chain's clock. */
  day: string;
}

/** How a person may write a time. */
export const HOW_TO_WRITE =
  "a day (2030-01-31, 31 Jan 2030, tomorrow), a time with its zone (2030-01-31T12:00Z) or a length (in 30 days, 1h)";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NAMES = [
  ...["january", "february", "march", "april", "may", "june", "july", "august", "september"],
  ...["october", "november", "december"],
];

/** A day as a person writes it, where it can be only one: its beginning in UTC, in seconds since 1970. */
export function dayOf(text: string, now: number): number | undefined {
  const today = Math.floor(now / DAY) * DAY;
  const named = { yesterday: today - DAY, today, tomorrow: today + DAY }[text.toLowerCase()];
  if (named !== undefined) return named;
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (iso !== null) return utc(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const [, day, before, after, otherDay, year] =
    /^(?:(\d{1,2})\.? ([a-z]{3,9})\.?|([a-z]{3,9})\.? (\d{1,2})),? (\d{4})$/i.exec(text) ?? [];
  const month = monthOf(before ?? after);
  return month === 0 ? undefined : utc(Number(year), month, Number(day ?? otherDay));
}

/** The last second of a day in this machine's time zone, in seconds since 1970. */
export function endOfDay(text: string, now: number): number | undefined {
  const offset = new Date(now * 1000).getTimezoneOffset() * MINUTE;
  const first = dayOf(text, now - offset);
  if (first === undefined) return undefined;
  const date = new Date(first * 1000);
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1).getTime() / 1000 - 1;
}

/** From 1 on; 0 for what is no month. */
function monthOf(name: string | undefined): number {
  const given = name?.toLowerCase() ?? "";
  return MONTHS.indexOf(given) + 1 || NAMES.indexOf(given) + 1 || (given === "sept" ? 9 : 0);
}

/** Undefined for a day that no calendar has. */
function utc(year: number, month: number, day: number): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.getTime() / 1000;
}

/** A time with its zone, in seconds since 1970. */
export function timeOf(text: string): number | undefined {
  const [, day, clock, zone] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?) ?(Z|UTC|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (day === undefined || dayOf(day, 0) === undefined) return undefined;
  const milliseconds = Date.parse(`${day}T${clock}${zone === "UTC" ? "Z" : zone}`);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

const UNITS: readonly [words: RegExp, seconds: number][] = [
  [/^m(in(ute)?s?)?$/, MINUTE],
  [/^h((ou)?rs?)?$/, HOUR],
  [/^d(ays?)?$/, DAY],
  [/^w(eeks?)?$/, WEEK],
];

/** "in 30 days", "1h", "2 weeks", "3 days ago": a length in seconds, negative for what is past. */
export function lengthOf(text: string): number | undefined {
  const [, amount, unit, ago] = /^(?:in )?(\d{1,6}) ?([a-z]+)( ago)?$/i.exec(text) ?? [];
  const seconds = UNITS.find(([words]) => words.test(unit?.toLowerCase() ?? ""))?.[1];
  if (seconds === undefined || (ago !== undefined && text.startsWith("in "))) return undefined;
  return Number(amount) * seconds * (ago === undefined ? 1 : -1);
}

/** What to write instead of a day that some read in one way and some in another; undefined for anything else. */
export function ambiguity(text: string): string | undefined {
  const [, first, second, given] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)$/.exec(text) ?? [];
  if (first === undefined || second === undefined || given === undefined) return undefined;
  const year = given.length === 2 ? `20${given}` : given;
  const written = (month: string, day: string): string[] =>
    utc(Number(year), Number(month), Number(day)) === undefined
      ? []
      : [`${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`];
  const days = [...new Set([...written(second, first), ...written(first, second)])];
  if (days.length === 0) return undefined;
  return days.length === 1 ? `write ${days[0]!}` : `that can be two days: write ${days.join(" or ")}`;
}
