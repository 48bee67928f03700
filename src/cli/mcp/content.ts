import { isChartChainError } from "../../errors/index.js";
import { readFhirJson, resourceInWords, type FhirDocument, type FhirEntry } from "../../fhir/index.js";
import { asData, plain, titled, wordsOf } from "./untrusted.js";

/** What a list says of a record's content. Days are as exact as the record says them: `2024`, `2024-03`, `2024-03-01`. */
export interface Heading {
  title: string;
  /** From the first to the last day that it is about. */
  clinicalDate?: { from: string; to: string };
  resources?: number;
}

/** What an answer gives of a record's content: all or a part of it, or why nothing. */
export type Given =
  | { resource: unknown; resources: number }
  | { outline: Outlined[]; resources: number; note: string }
  | { text: string; shown: "whole" | "beginning" }
  | { leftOut: string };

/** A resource of a record that is too large to be given as a whole. */
export interface Outlined {
  entry: number;
  resourceType: string;
  what?: string;
  value?: string;
  when?: string;
}

/** Whether an answer that gives this of a record is small enough. */
type Fits = (given: Given) => boolean;

const TOO_LARGE = "it is larger than an answer may be";

/** A media type without its parameters, which may say anything. */
export const bareType = (mediaType: string): string => mediaType.split(";")[0]!.toLowerCase();

/** A record as FHIR; undefined for what isn't R4 in JSON. */
function fhirOf(mediaType: string, content: Uint8Array): FhirDocument | undefined {
  if (!/[/+]json$/.test(bareType(mediaType))) return undefined;
  try {
    return readFhirJson(content, "record");
  } catch (error) {
    if (isChartChainError(error)) return undefined;
    throw error;
  }
}

/** What a list says of a record. Its words are the record's own. */
export function headingOf(mediaType: string, content: Uint8Array | undefined): Heading {
  const entries = content && fhirOf(mediaType, content)?.entries;
  if (entries === undefined) return { title: bareType(mediaType) };
  const told = entries.map(({ resource }) => ({ ...resourceInWords(resource), type: resource.resourceType }));
  // The patient goes along with what a record is about.
  const first = told.find(({ type }) => type !== "Patient") ?? told[0];
  const title = first === undefined ? "empty" : titled(`${first.type}: ${first.what}`).replace(/:$/, "");
  const days = told.map(({ when }) => when).filter((when) => /^\d{4}(-\d\d(-\d\d)?)?$/.test(when));
  days.sort();
  return {
    title,
    ...(days.length === 0 ? {} : { clinicalDate: { from: days[0]!, to: days.at(-1)! } }),
    resources: entries.length,
  };
}

/** Whether a record is about a day from `from` to `to`, both included; one without a day isn't. */
export function isWithin({ clinicalDate: date }: Heading, from = "0000-01-01", to = "9999-12-31"): boolean {
  if (date === undefined) return false;
  const firstDay = `${date.from}-01-01`.slice(0, 10);
  const lastDay = date.to + { 4: "-12-31", 7: "-31" }[date.to.length];
  return firstDay <= to && lastDay >= from;
}

/**
 * As much of a record as an answer may have.
 *
 * @param entry one resource of a Bundle, by its number from 0; the whole record when left out
 */
export function give(mediaType: string, content: Uint8Array, entry: number | undefined, fits: Fits): Given {
  const fhir = fhirOf(mediaType, content);
  if (fhir !== undefined) return giveFhir(fhir, entry, fits);
  if (entry !== undefined) return { leftOut: "it has no entries that could be given by number" };
  const type = bareType(mediaType);
  if (!/^text\/|[/+]json$/.test(type)) return { leftOut: "it isn't text" };
  const text = new TextDecoder().decode(content);
  return giveText(/html|xml/.test(type) ? wordsOf(text) : plain(text), fits);
}

function giveFhir({ bundle, entries }: FhirDocument, entry: number | undefined, fits: Fits): Given {
  const resources = entries.length;
  if (entry !== undefined && entry >= resources) return { leftOut: `it has the entries 0 to ${resources - 1}` };
  const chosen = entry === undefined && bundle !== undefined ? bundle : entries[entry ?? 0]!.resource;
  const whole = { resource: asData(chosen), resources };
  if (fits(whole)) return whole;
  if (entry !== undefined || resources === 1) return { leftOut: TOO_LARGE };
  const note = `${TOO_LARGE}: give "entry" to read one resource of it`;
  const lines = entries.map(outlined);
  // Each half again, until it fits: an outline of thousands is of no use to anybody.
  for (let shown = resources; shown > 0; shown = Math.floor(shown / 2)) {
    const outline = { outline: lines.slice(0, shown), resources, note };
    if (fits(outline)) return outline;
  }
  return { leftOut: TOO_LARGE };
}

function outlined({ resource }: FhirEntry, entry: number): Outlined {
  const words = Object.entries(resourceInWords(resource)).filter(([, text]) => text !== "");
  const said = Object.fromEntries(words.map(([name, text]) => [name, titled(text as string)]));
  return { entry, resourceType: resource.resourceType, ...said };
}

function giveText(text: string, fits: Fits): Given {
  const whole = { text, shown: "whole" } as const;
  if (fits(whole)) return whole;
  let [least, most] = [0, text.length];
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (fits(beginning(text, middle))) least = middle;
    else most = middle;
  }
  return least === 0 ? { leftOut: TOO_LARGE } : beginning(text, least);
}

const beginning = (text: string, length: number) =>
  ({ text: text.slice(0, length).toWellFormed(), shown: "beginning" }) as const;
