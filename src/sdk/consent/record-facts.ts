import {
  encounterReference,
  headingOf,
  MEDICINES,
  type RecordHeading,
  sensitivitiesOf,
  TRAVELLING,
  type SensitivityClass,
} from "../../fhir/index.js";

/** What a record says of itself, as far as a constraint asks. */
export interface RecordFacts {
  classes: SensitivityClass[];
  /** The encounters that its resources name, or are, each once; undefined where one of them belongs to none. */
  encounters: string[] | undefined;
  /** From the first to the last second that it is about; undefined where one of its resources doesn't say that. */
  time: { first: number; last: number } | undefined;
  /** Whether it holds medicines and allergies, and nothing else but the Patient and what travels with them. */
  isMedicines: boolean;
  /** How a list shows it; undefined in facts that older software kept. */
  heading?: RecordHeading | undefined;
}

type Resource = Parameters<typeof sensitivitiesOf>[0];
type Loose = Record<string, unknown>;

/** Where a resource says what time it is about: the first of these that is there. Clinical dates before those of paper. */
const DATES = [
  ...["effectiveDateTime", "effectiveInstant", "effectivePeriod", "performedDateTime", "performedPeriod"],
  ...["occurrenceDateTime", "occurrencePeriod", "onsetDateTime", "onsetPeriod", "started", "period", "billablePeriod"],
  ...["collectedDateTime", "whenHandedOver", "sent", "authoredOn", "authored", "recordedDate", "recorded", "date"],
  ...["created", "issued"],
];

/**
 * Reads what a record says of itself: of a Bundle, what all of its resources say. The Patient, and what says who, where and
 * what with, need not say when, nor in which encounter.
 *
 * @returns undefined for what isn't FHIR JSON
 */
export function factsOf(content: Uint8Array): RecordFacts | undefined {
  const read = resourcesIn(content);
  if (read === undefined) return undefined;
  const { resources, around } = read;
  const told = resources.map((resource) => ({
    goesAlong: goesAlong(resource),
    isMedicine: MEDICINES.has(resource.resourceType) && containedIn(resource).every(goesAlong),
    encounter: encounterOf(resource),
    time: timeOf(resource),
  }));
  const encounters = told.flatMap(({ encounter }) => encounter ?? []);
  const times = told.flatMap(({ time }) => time ?? []);
  const isTimeless = times.length === 0 || told.some(({ goesAlong, time }) => !goesAlong && time === undefined);
  const others = told.filter(({ goesAlong }) => !goesAlong);
  return {
    heading: headingOf(content),
    isMedicines: others.length > 0 && others.every(({ isMedicine }) => isMedicine),
    classes: [...new Set([...around, ...resources].flatMap((resource) => sensitivitiesOf(resource)))],
    encounters: told.some(({ goesAlong, encounter }) => !goesAlong && encounter === undefined)
      ? undefined
      : [...new Set(encounters)],
    time: isTimeless
      ? undefined
      : { first: Math.min(...times.map(({ first }) => first)), last: Math.max(...times.map(({ last }) => last)) },
  };
}

/** The resources of a record, and the Bundle around them, which may have a label of its own. */
function resourcesIn(content: Uint8Array): { resources: Resource[]; around: Resource[] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    return undefined;
  }
  if (!isResource(value)) return undefined;
  if (value.resourceType !== "Bundle") return { resources: [value], around: [] };
  const { entry, ...around } = value as unknown as Loose;
  const resources = Array.isArray(entry) ? entry.map((each) => (each as { resource?: unknown } | null)?.resource) : [];
  if (resources.length === 0 || !resources.every(isResource)) return undefined;
  return { resources, around: [around as unknown as Resource] };
}

const isResource = (value: unknown): value is Resource =>
  typeof value === "object" && value !== null && typeof (value as Loose)["resourceType"] === "string";

const goesAlong = ({ resourceType }: Pick<Resource, "resourceType">): boolean =>
  resourceType === "Patient" || TRAVELLING.has(resourceType);

/** What is contained in a resource; what can't be read as one goes along with nothing. */
function containedIn(resource: Resource): Pick<Resource, "resourceType">[] {
  const { contained } = resource as unknown as Loose;
  const inner = contained === undefined ? [] : Array.isArray(contained) ? contained : [contained];
  return inner.map((each) => (isResource(each) ? each : { resourceType: "Basic" as const }));
}

function encounterOf(resource: Resource): string | undefined {
  const { resourceType, id } = resource;
  if (resourceType === "Encounter") return id === undefined ? undefined : `Encounter/${id}`;
  return encounterReference(resource);
}

function timeOf(resource: Resource): RecordFacts["time"] {
  const fields = resource as unknown as Loose;
  const name = DATES.find((each) => fields[each] !== undefined);
  const said = name === undefined ? undefined : fields[name];
  if (typeof said === "string") return spanOf(said);
  if (typeof said !== "object" || said === null) return undefined;
  const { start, end } = said as { start?: unknown; end?: unknown };
  const spans = [start, end].flatMap((each) => (typeof each === "string" ? (spanOf(each) ?? []) : []));
  // A period that is open has no last day: only one that says both is known to lie within a time.
  return spans.length === 2 ? { first: spans[0]!.first, last: spans[1]!.last } : undefined;
}

/** The seconds that a FHIR date, dateTime or instant stands for: a year is all of it. */
function spanOf(text: string): { first: number; last: number } | undefined {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.+)?)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, clock] = match;
  if (clock !== undefined) {
    const at = Math.floor(Date.parse(text) / 1000);
    return Number.isNaN(at) ? undefined : { first: at, last: at };
  }
  const parts = [
    Number(year),
    month === undefined ? 0 : Number(month) - 1,
    day === undefined ? 1 : Number(day),
  ] as const;
  const next = [
    parts[0] + (month === undefined ? 1 : 0),
    parts[1] + (month !== undefined && day === undefined ? 1 : 0),
    parts[2] + (day === undefined ? 0 : 1),
  ] as const;
  return { first: Date.UTC(...parts) / 1000, last: Date.UTC(...next) / 1000 - 1 };
}
