import type { CodeableConcept, Reference, Resource } from "@medplum/fhirtypes";

/** What a resource is about: a concept of its own, or a reference to the resource that has it. */
interface Labelled {
  code?: CodeableConcept;
  vaccineCode?: CodeableConcept;
  medicationCodeableConcept?: CodeableConcept;
  medicationReference?: Reference;
  device?: Reference;
  title?: string;
  deviceName?: { name?: string }[];
  type?: CodeableConcept;
  /** A list of codes in an AllergyIntolerance, of concepts elsewhere. */
  category?: CodeableConcept | (CodeableConcept | string)[];
  reaction?: { substance?: CodeableConcept }[];
}

/**
 * The concept that a resource is about: what is observed, given, diagnosed.
 *
 * @example
 * mainConceptOf(immunization)?.text // "Measles vaccine"
 */
export function mainConceptOf(resource: Resource): CodeableConcept | undefined {
  const { code, vaccineCode, medicationCodeableConcept } = resource as Labelled;
  return code ?? vaccineCode ?? medicationCodeableConcept;
}

/**
 * A resource in a few words, for a narrative.
 *
 * @param find finds what a reference names
 * @example
 * labelOf(statement, find) // "Warfarin"
 */
export function labelOf(resource: Resource, find: (reference: string) => Resource | undefined): string {
  const own = textOf(mainConceptOf(resource));
  if (own !== undefined) return own;
  const { medicationReference, device, title, deviceName, type, category, reaction } = resource as Labelled;
  const target = subjectMatterOf(resource, find);
  const named = (medicationReference ?? device)?.display ?? (target && labelOf(target, () => undefined));
  const kinds = [reaction?.[0]?.substance, type, ...(Array.isArray(category) ? category : [category])];
  const kind = kinds.flatMap((one) => (typeof one === "object" ? (textOf(one) ?? []) : []))[0];
  return named ?? title ?? deviceName?.[0]?.name ?? kind ?? resource.resourceType;
}

/**
 * The medicine or the device that a resource refers to, contained in it or found.
 *
 * @example
 * subjectMatterOf(deviceUseStatement, find)?.resourceType // "Device"
 */
export function subjectMatterOf(
  resource: Resource,
  find: (reference: string) => Resource | undefined,
): Resource | undefined {
  const { medicationReference, device } = resource as Labelled;
  const { reference } = medicationReference ?? device ?? {};
  const target = reference === undefined ? undefined : (inside(resource, reference) ?? find(reference));
  return target === resource ? undefined : target;
}

/** The contained resource of a `#id`. */
function inside(resource: Resource, reference: string): Resource | undefined {
  const { contained } = resource as { contained?: Resource[] };
  return contained?.find(({ id }) => id !== undefined && reference === `#${id}`);
}

const WHEN = ["effectiveDateTime", "effectiveInstant", "occurrenceDateTime", "performedDateTime"];
const PERIODS = ["effectivePeriod", "performedPeriod"];

/**
 * The day of what was observed, given or done, as exact as it is known; undefined for what lasts.
 *
 * @example
 * dayOf(observation) // "2020-01-01"
 */
export function dayOf(resource: Resource): string | undefined {
  if (!["Observation", "DiagnosticReport", "Immunization", "Procedure"].includes(resource.resourceType))
    return undefined;
  const tree = resource as unknown as Record<string, unknown>;
  const times = [...WHEN.map((key) => tree[key]), ...PERIODS.map((key) => (tree[key] as { start?: unknown })?.start)];
  return times.find((time) => typeof time === "string")?.slice(0, 10);
}

function textOf(concept: CodeableConcept | undefined): string | undefined {
  const codings = concept?.coding ?? [];
  const [first] = codings;
  // Of a code of the guide for "none" or "not known" the words are in it.
  const code = first?.system?.endsWith("/absent-unknown-uv-ips") ? first.code?.replace(/-/g, " ") : first?.code;
  return concept?.text ?? codings.find(({ display }) => display !== undefined)?.display ?? code;
}
