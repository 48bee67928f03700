/** What stands in a resource, for a person to look at; empty where nothing does. */
export interface ResourceInWords {
  /** What it is about. */
  what: string;
  /** What was measured or found. */
  value: string;
  /** A day, as exact as it is known. */
  when: string;
}

/** A resource as a tree of anything: the few elements below are looked for in every type. */
type Tree = Readonly<Record<string, unknown>>;

const WHAT = [
  ...["code", "medicationCodeableConcept", "medicationReference", "vaccineCode", "type", "title", "description"],
  ...["name", "category"],
];
const WHEN = [
  ...["effectiveDateTime", "onsetDateTime", "performedDateTime", "occurrenceDateTime", "authoredOn", "recordedDate"],
  ...["date", "issued", "created", "started"],
];
const PERIODS = ["effectivePeriod", "performedPeriod", "period", "billablePeriod", "onsetPeriod"];

/**
 * A resource in a few words, whatever its type is. They are the source's: whoever shows them sees to it that they do no harm.
 *
 * @example
 * resourceInWords(observation) // { what: "Heart rate", value: "62 /min", when: "2025-03-04" }
 */
export function resourceInWords(resource: object): ResourceInWords {
  const tree = resource as Tree;
  // A person's day of birth belongs to the name: it is no day on which something was found.
  const what =
    tree["birthDate"] === undefined ? firstOf(WHAT.map((element) => words(tree[element]))) : nameInWords(resource);
  return { what, value: valueOf(tree), when: whenOf(tree) };
}

/** The name of whoever or whatever a resource is, and the day of birth of a person: "Jane Doe, born 1984-07-02". */
export function nameInWords(resource: object): string {
  const { name, birthDate } = resource as Tree;
  return [words(name), ...(typeof birthDate === "string" ? [`born ${birthDate}`] : [])]
    .filter((text) => text !== "")
    .join(", ");
}

const firstOf = (texts: readonly string[]): string => texts.find((text) => text !== "") ?? "";

/** The words of a CodeableConcept, a HumanName, a number or a plain text; of the first, where there are several. */
function words(node: unknown): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (typeof node !== "object" || node === null) return "";
  if (Array.isArray(node)) return words(node[0]);
  const { text, coding, family, given, display, code } = node as Tree;
  const name = `${words(given)} ${words(family)}`.trim();
  return firstOf([words(text), name, words(coding), words(display), words(code)]);
}

function valueOf(resource: Tree | null): string {
  if (typeof resource !== "object" || resource === null) return "";
  const { valueQuantity, valueString, valueCodeableConcept, component } = resource;
  if (Array.isArray(component)) return component.map((part) => valueOf(part as Tree | null)).join(", ");
  const { value, unit } = (valueQuantity ?? {}) as Tree;
  return firstOf([`${words(value)} ${words(unit)}`.trim(), words(valueString), words(valueCodeableConcept)]);
}

function whenOf(resource: Tree): string {
  const starts = PERIODS.map((name) => (resource[name] as Tree | null | undefined)?.["start"]);
  const found = [...WHEN.map((name) => resource[name]), ...starts].find((time) => typeof time === "string");
  return found?.slice(0, 10) ?? "";
}
