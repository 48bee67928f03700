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
  const { medicationReference, device, title, deviceName, type } = resource as Labelled;
  const reference = medicationReference ?? device;
  const target =
    reference?.reference === undefined
      ? undefined
      : (inside(resource, reference.reference) ?? find(reference.reference));
  const named = reference?.display ?? (target && target !== resource ? labelOf(target, () => undefined) : undefined);
  return named ?? title ?? deviceName?.[0]?.name ?? textOf(type) ?? resource.resourceType;
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
  return concept?.text ?? codings.find(({ display }) => display !== undefined)?.display ?? codings[0]?.code;
}
