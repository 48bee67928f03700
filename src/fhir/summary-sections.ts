import type { CodeableConcept, Observation, Resource } from "@medplum/fhirtypes";
import { isPast } from "./summary-status.js";

/** A section of the International Patient Summary. */
export interface SummarySection {
  title: string;
  loinc: string;
  display: string;
  /** A summary without it is not one: where there is nothing, it says so. */
  required?: true;
  /** Whether a resource that may be listed at all belongs here; `now` is a FHIR dateTime. */
  holds: (resource: Resource, now: string) => boolean;
}

const hasCode = (concepts: CodeableConcept | CodeableConcept[] | undefined, ...codes: string[]): boolean =>
  [concepts ?? []].flat().some(({ coding }) => coding?.some(({ code }) => code !== undefined && codes.includes(code)));
const observes = (resource: Resource, ...categories: string[]): boolean =>
  resource.resourceType === "Observation" && hasCode(resource.category, ...categories);

/** The section that also says what is forbidden. */
export const ALERTS = "104605-1";

/**
 * The sections that are composed, in the order of the guide.
 * Source: http://hl7.org/fhir/uv/ips (Composition profile)
 */
export const SUMMARY_SECTIONS: readonly SummarySection[] = [
  {
    title: "Problems",
    loinc: "11450-4",
    display: "Problem list - Reported",
    required: true,
    holds: (resource, now) => resource.resourceType === "Condition" && !isPast(resource, now),
  },
  {
    title: "Allergies and Intolerances",
    loinc: "48765-2",
    display: "Allergies and adverse reactions Document",
    required: true,
    holds: (resource) => resource.resourceType === "AllergyIntolerance",
  },
  {
    title: "Medication Summary",
    loinc: "10160-0",
    display: "History of Medication use Narrative",
    required: true,
    holds: ({ resourceType }) => resourceType === "MedicationStatement" || resourceType === "MedicationRequest",
  },
  {
    title: "Immunizations",
    loinc: "11369-6",
    display: "History of Immunization note",
    holds: (resource) => resource.resourceType === "Immunization",
  },
  {
    title: "Results",
    loinc: "30954-2",
    display: "Relevant diagnostic tests/laboratory data note",
    holds: (resource) => resource.resourceType === "DiagnosticReport" || observes(resource, "laboratory", "imaging"),
  },
  {
    title: "History of Procedures",
    loinc: "47519-4",
    display: "History of Procedures Document",
    holds: (resource) => resource.resourceType === "Procedure",
  },
  {
    title: "Medical Devices",
    loinc: "46264-8",
    display: "History of medical device use",
    holds: (resource) => resource.resourceType === "DeviceUseStatement",
  },
  {
    title: "Vital Signs",
    loinc: "8716-3",
    display: "Vital signs note",
    holds: (resource) => observes(resource, "vital-signs"),
  },
  {
    title: "History of Past Problems",
    loinc: "11348-0",
    display: "History of past illness Narrative",
    holds: (resource, now) => resource.resourceType === "Condition" && isPast(resource, now),
  },
  {
    title: "Plan of Care",
    loinc: "18776-5",
    display: "Plan of care note",
    holds: (resource) => resource.resourceType === "CarePlan",
  },
  {
    title: "Social History",
    loinc: "29762-2",
    display: "Social history note",
    holds: (resource) => observes(resource, "social-history"),
  },
  {
    title: "Alerts",
    loinc: ALERTS,
    display: "Alert",
    holds: (resource) => resource.resourceType === "Flag",
  },
];

/** The newest of each kind of observation, by code: a summary is no diary. Other resources are all kept, in order. */
export function newestOfEachKind<T extends { resource: Resource }>(entries: readonly T[]): T[] {
  const newest = new Map<string, { entry: T; time: number }>();
  for (const entry of entries) {
    if (entry.resource.resourceType !== "Observation") continue;
    const kind = kindOf(entry.resource);
    const time = timeOf(entry.resource);
    const known = newest.get(kind);
    if (!known || time > known.time) newest.set(kind, { entry, time });
  }
  const kept = new Set([...newest.values()].map(({ entry }) => entry));
  return entries.filter((entry) => entry.resource.resourceType !== "Observation" || kept.has(entry));
}

function kindOf({ code }: Observation): string {
  const [first] = code.coding ?? [];
  return first?.code === undefined ? (code.text ?? "") : `${first.system ?? ""}|${first.code}`;
}

function timeOf({ effectiveDateTime, effectivePeriod, effectiveInstant, issued }: Observation): number {
  const time = Date.parse(effectiveDateTime ?? effectiveInstant ?? effectivePeriod?.start ?? issued ?? "");
  return Number.isNaN(time) ? 0 : time;
}
