import { readFhirJson } from "./parse.js";
import { nameInWords, resourceInWords } from "./in-words.js";
import { TRAVELLING } from "./resource-types.js";

/** What a record says it is, as a list shows it. */
export interface RecordHeading {
  /** A document's own title, or what its first resource is about and how many others there are. */
  title: string;
  /** The first and the last day that it names, as `YYYY-MM-DD`; a year or a month where no more is said. Undefined where none is. */
  days: { first: string; last: string } | undefined;
}

const LONGEST = 120;

/**
 * Reads what a record is about out of the record itself. It is text from outside: whoever prints it makes it printable first.
 *
 * @returns undefined for what isn't FHIR JSON
 */
export function headingOf(content: Uint8Array): RecordHeading | undefined {
  const resources = resourcesIn(content);
  if (resources === undefined) return undefined;
  const words = resources.map((resource) => ({ resource, ...resourceInWords(resource) }));
  const days = words.map(({ when }) => when).filter((when) => /^\d{4}/.test(when));
  return {
    title: titleOf(words).slice(0, LONGEST),
    days: days.length === 0 ? undefined : { first: least(days), last: greatest(days) },
  };
}

function resourcesIn(content: Uint8Array): Resource[] | undefined {
  try {
    return readFhirJson(content, "record").entries.map(({ resource }) => resource as unknown as Resource);
  } catch {
    return undefined;
  }
}

type Resource = { resourceType: string; title?: unknown };

function titleOf(words: readonly { resource: Resource; what: string }[]): string {
  const document = words.find(({ resource }) => resource.resourceType === "Composition");
  if (typeof document?.resource.title === "string" && document.resource.title.trim() !== "") {
    return document.resource.title;
  }
  const isBeside = ({ resourceType }: Resource) => resourceType === "Patient" || TRAVELLING.has(resourceType);
  const own = words.filter(({ resource }) => !isBeside(resource));
  const [first] = own;
  if (first === undefined) {
    const [person] = words;
    return person === undefined ? "empty" : `${person.resource.resourceType}: ${nameInWords(person.resource)}`;
  }
  const named = first.what === "" ? first.resource.resourceType : `${first.resource.resourceType}: ${first.what}`;
  return own.length === 1 ? named : `${named}, and ${own.length - 1} more`;
}

const least = (texts: readonly string[]): string => texts.reduce((a, b) => (b < a ? b : a));
const greatest = (texts: readonly string[]): string => texts.reduce((a, b) => (b > a ? b : a));
