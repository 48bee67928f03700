import { Refused } from "../store/refused.js";
import { type Span, spanOf } from "./instants.js";

/** The alternatives of a parameter's value, by commas that aren't escaped. Their own escapes stay. */
export function alternativesOf(value: string): string[] {
  return splitAt(value, ",");
}

/** Splits at a sign that no backslash stands before. Source: https://hl7.org/fhir/R4/search.html#escaping */
export function splitAt(text: string, sign: "," | "|"): string[] {
  const parts = [""];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && at + 1 < text.length) parts[parts.length - 1] += text.slice(at, ++at + 1);
    else if (text[at] === sign) parts.push("");
    else parts[parts.length - 1] += text[at]!;
  }
  return parts;
}

/** The text without its escapes. */
export function unescaped(text: string): string {
  return text.replace(/\\([\\,|$])/g, "$1");
}

/** Prefixes of dates and numbers. Source: https://hl7.org/fhir/R4/search.html#prefix */
const PREFIXES = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"] as const;

/** How a value of a resource has to lie to the one that is asked for. */
export type Prefix = (typeof PREFIXES)[number];

/** Splits `ge2020` into prefix and rest. */
export function prefixOf(value: string, parameter: string): { prefix: Prefix; rest: string } {
  const letters = /^[a-z]{2}(?=[-+.\d])/.exec(value)?.[0];
  if (letters === undefined) return { prefix: "eq", rest: value };
  const prefix = PREFIXES.find((one) => one === letters);
  if (prefix === undefined) {
    const known = PREFIXES.join(", ");
    throw new Refused(
      "not-supported",
      parameter,
      `${parameter}: the prefix ${letters} isn't supported; these are: ${known}.`,
    );
  }
  return { prefix, rest: value.slice(2) };
}

/** The instants that a date in a search means. */
export function dateOf(text: string, parameter: string): Span {
  // A plus that wasn't escaped in a URL is a space.
  const span = spanOf(text.replace(/ (?=\d\d:\d\d$)/, "+"));
  if (span === undefined) throw new Refused("invalid", parameter, `${parameter}: ${quoted(text)} is no date of FHIR.`);
  return span;
}

/** A number, and what it stands for by its digits: 100 is 99.5 up to 100.5, 1e2 is 50 up to 150. */
export function numberOf(text: string, parameter: string): { value: number; low: number; high: number } {
  const match = /^[-+]?(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text);
  const value = Number(text);
  if (!match || !Number.isFinite(value))
    throw new Refused("invalid", parameter, `${parameter}: ${quoted(text)} is no number.`);
  const half = 0.5 * 10 ** (Number(match[3] ?? 0) - (match[2]?.length ?? 0));
  return { value, low: value - half, high: value + half };
}

/** The asker's own words, cut where they are long. */
export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
