import { readFhirJson } from "../../src/fhir/index.js";
import { printable } from "./printable.js";
import { caution, count, table } from "./tables.js";

const SHOWN = 25;

/** What stands in a FHIR record: kind, what it says, when; a line for each of its first resources. */
export function fhirInWords(bytes: Uint8Array): string {
  const { entries } = readFhirJson(bytes, "record");
  const rows = entries.slice(0, SHOWN).map(({ resource }) => {
    const tree = resource as unknown as Tree;

    const [what, value] = [whatOf(tree), valueOf(tree)].map(printable);
    return [
      ellipsis(resource.resourceType, 19),
      ellipsis(what ?? "", 60),
      ellipsis(value ?? "", 40),
      printable(whenOf(tree)),
    ];
  });
  const rest = entries.length - rows.length;
  return [
    table(["resource", "what", "value", "when"], rows),
    ...(rest > 0 ? [caution(`and ${count(rest, "more resource")}: --out FILE keeps everything`)] : []),
  ].join("\n");
}

/** A resource as a tree of anything: the few elements below are looked for in every type. */
type Tree = Readonly<Record<string, unknown>>;

const WHAT = ["code", "medicationCodeableConcept", "vaccineCode", "type", "title", "description", "name", "category"];
const WHEN = [
  ...["effectiveDateTime", "onsetDateTime", "performedDateTime", "occurrenceDateTime", "authoredOn", "recordedDate"],
  ...["date", "issued", "created", "started", "birthDate"],
];
const PERIODS = ["effectivePeriod", "performedPeriod", "period", "billablePeriod", "onsetPeriod"];

const firstOf = (texts: readonly string[]): string => texts.find((text) => text !== "") ?? "";

const whatOf = (resource: Tree): string => firstOf(WHAT.map((element) => words(resource[element])));

/** The words of a CodeableConcept, a HumanName, a number or a plain text; of the first, where there are several. */
function words(node: unknown): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (typeof node !== "object" || node === null) return "";
  if (Array.isArray(node)) return words(node[0]);
  const { text, coding, family, given, display, code } = node as Tree;
  const name = `${words(given)} ${words(family)}`.trim();
  return firstOf([words(text), name, words(coding), words(display), words(code)]);
}

/** The name of whoever or whatever a resource is, and the day of birth of a person: "Jane Doe, born 1984-07-02". */
export function nameInWords(resource: object): string {
  const { name, birthDate } = resource as Tree;
  return [words(name), ...(typeof birthDate === "string" ? [`born ${birthDate}`] : [])]
    .filter((text) => text !== "")
    .join(", ");
}

function valueOf(resource: Tree): string {
  const { valueQuantity, valueString, valueCodeableConcept, component } = resource;
  if (Array.isArray(component)) return component.map((part) => valueOf(part as Tree)).join(", ");
  const { value, unit } = (valueQuantity ?? {}) as Tree;
  return firstOf([`${words(value)} ${words(unit)}`.trim(), words(valueString), words(valueCodeableConcept)]);
}

function whenOf(resource: Tree): string {
  const starts = PERIODS.map((name) => (resource[name] as Tree | undefined)?.["start"]);
  const found = [...WHEN.map((name) => resource[name]), ...starts].find((time) => typeof time === "string");
  return found?.slice(0, 10) ?? "";
}

const ellipsis = (text: string, room: number) => (text.length <= room ? text : `${text.slice(0, room - 1)}…`);
