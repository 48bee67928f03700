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

/** Source: http://terminology.hl7.org/CodeSystem/consentcategorycodes */
const DIRECTIVES = ["acd", "dnr", "emrgonly", "hcd", "npp", "polst", "59284-0", "42348-3"];

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
  {
    title: "Advance Directives",
    loinc: "42348-3",
    display: "Advance healthcare directives",
    holds: (resource) =>
      resource.resourceType === "Consent" &&
      (hasCode(resource.scope, "adr") || hasCode(resource.category, ...DIRECTIVES)),
  },
];

/**
 * The newest of each kind of observation, by code: a summary is no diary. Of several at one moment the one that is
 * further on counts: a result that was corrected, then a final one. What has no code is of no kind: all are kept, and
 * so are other resources, in order.
 */
export function newestOfEachKind<T extends { resource: Resource }>(entries: readonly T[]): T[] {
  const newest = new Map<string, T>();
  const kept = new Set<T>();
  for (const entry of entries) {
    const { resource } = entry;
    const kind = resource.resourceType === "Observation" ? kindOf(resource) : undefined;
    if (kind === undefined) kept.add(entry);
    else if (isNewer(resource as Observation, newest.get(kind)?.resource as Observation | undefined))
      newest.set(kind, entry);
  }
  for (const entry of newest.values()) kept.add(entry);
  return entries.filter((entry) => kept.has(entry));
}

function kindOf({ code }: Observation): string | undefined {
  const [first] = code.coding ?? [];
  return first?.code === undefined ? code.text : `${first.system ?? ""}|${first.code}`;
}

/** From what hardly counts to what was looked at last. */
const STAGES = ["unknown", "preliminary", "final", "amended", "corrected"];

function isNewer(one: Observation, known: Observation | undefined): boolean {
  if (!known) return true;
  const [ours, theirs] = [timeOf(one), timeOf(known)];
  if (ours !== theirs) return ours > theirs;
  return STAGES.indexOf(one.status) > STAGES.indexOf(known.status);
}

function timeOf({ effectiveDateTime, effectivePeriod, effectiveInstant, issued }: Observation): number {
  const time = Date.parse(effectiveDateTime ?? effectiveInstant ?? effectivePeriod?.start ?? issued ?? "");
  return Number.isNaN(time) ? 0 : time;
}
