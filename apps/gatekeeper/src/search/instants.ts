/** The milliseconds that a date of FHIR means: a year is all of it. Times without a zone are UTC. */
export interface Span {
  low: number;
  /** The last millisecond. */
  high: number;
}

/** Before and after everything. */
export const LOWEST = -1e300;
export const HIGHEST = 1e300;

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * Reads a date, dateTime or instant.
 *
 * Source: https://hl7.org/fhir/R4/search.html#date
 *
 * @returns undefined for anything else
 */
export function spanOf(text: string): Span | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const [y, m, d] = [Number(year), Number(month ?? 1), Number(day ?? 1)];
  if (m < 1 || m > 12 || d < 1 || d > new Date(Date.UTC(y, m, 0)).getUTCDate()) return undefined;
  if (hour === undefined) {
    const end = day !== undefined ? utc(y, m - 1, d + 1) : month !== undefined ? utc(y, m, 1) : utc(y + 1, 0, 1);
    return { low: utc(y, m - 1, d), high: end - 1 };
  }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return undefined;
  const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0${fraction}`) * 1000);
  const start = utc(y, m - 1, d, Number(hour), Number(minute), Number(second ?? 0), milliseconds) - offsetOf(zone);
  const length =
    second === undefined ? 60_000 : fraction === undefined ? 1_000 : 10 ** Math.max(0, 4 - fraction.length);
  return { low: start, high: start + length - 1 };
}

/** Also for the years before 100. */
function utc(year: number, ...rest: [month: number, day: number, ...time: number[]]): number {
  const [month, day, hour = 0, minute = 0, second = 0, millisecond = 0] = rest;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime();
}

function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const [hours, minutes] = zone.slice(1).split(":").map(Number);
  return (zone.startsWith("-") ? -1 : 1) * (hours! * 60 + minutes!) * 60_000;
}
