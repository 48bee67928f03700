import type { CodeableConcept, Coding, Extension, Resource } from "@medplum/fhirtypes";
import {
  CLINICAL,
  INTENT,
  PLAN_INTENT,
  STATUS,
  type Verdict,
  VERIFICATION,
  WITHOUT_STATUS,
} from "./summary-verdicts.js";

/** Clinical statuses of what is past. */
const OVER = ["inactive", "remission", "resolved"];

/** The elements that decide, whatever the type: a resource has those of them that its type defines. */
interface Judged {
  resourceType: string;
  status?: string;
  intent?: string;
  clinicalStatus?: CodeableConcept;
  verificationStatus?: CodeableConcept;
  statusReason?: CodeableConcept | CodeableConcept[];
  doNotPerform?: boolean;
  reportedBoolean?: boolean;
  reportedReference?: object;
  isSubpotent?: boolean;
  modifierExtension?: Extension[];
  extension?: Extension[];
}

/** Whether and with which words a resource stands in its section. */
export interface Standing {
  listed: boolean;
  /** What a reader must know of it: "on hold", "unconfirmed", the reason for its status. Empty for an ordinary one. */
  remarks: readonly string[];
}

/**
 * Judges a resource by status, intent, clinical and verification status, doNotPerform, and the end of its period.
 *
 * @param now FHIR dateTime of the summary
 * @returns not listed for what was not done, is not taken, forbidden, cancelled, refuted or entered in error
 * @example
 * standingOf({ resourceType: "Immunization", status: "not-done" }, "2026-11-21T10:00:00Z") // { listed: false, … }
 */
export function standingOf(resource: Resource, now: string): Standing {
  const judged = resource as Judged;
  const verdicts = [
    statusVerdict(judged, isEnded(resource, now)),
    judged.resourceType === "CarePlan" ? PLAN_INTENT[judged.intent ?? ""] : medicationIntent(judged),
    ...verdictsOn(judged.verificationStatus, VERIFICATION),
    clinicalVerdict(resource, now),
    // R4 forbids to go by a resource without its modifiers: https://hl7.org/fhir/R4/extensibility.html#modifierExtension
    (judged.modifierExtension ?? []).length > 0 ? "changed by an extension that is not understood here" : undefined,
    startVerdict(resource, now),
    judged.doNotPerform === true ? false : undefined,
    judged.resourceType === "Observation" ? hasResult(resource as Partial<ObservationLike>) : undefined,
    judged.isSubpotent === true ? "subpotent dose" : undefined,
    reasonOf(judged),
  ];
  return {
    listed: !verdicts.includes(false),
    remarks: verdicts.filter((verdict) => typeof verdict === "string"),
  };
}

/** Whether a medication request forbids: live, authorised, and `doNotPerform`. */
export function isProhibition(resource: Resource, now: string): boolean {
  return (
    resource.resourceType === "MedicationRequest" &&
    resource.doNotPerform === true &&
    standingOf({ ...resource, doNotPerform: false }, now).listed
  );
}

/**
 * The clinical status of a condition or allergy; where it gives none, `resolved` once it has abated.
 *
 * @example
 * clinicalStatusOf({ resourceType: "Condition", abatementDateTime: "2019" }, "2026-11-21T10:00:00Z") // "resolved"
 */
export function clinicalStatusOf(resource: Resource, now: string): string | undefined {
  const { clinicalStatus, extension } = resource as Judged;
  const [given] = codesOf(clinicalStatus);
  if (given !== undefined) return given;
  if (resource.resourceType !== "Condition" && resource.resourceType !== "AllergyIntolerance") return undefined;
  const abatement = extension?.find(({ url }) => url.endsWith("/allergyintolerance-abatement")) ?? resource;
  const [name, value] = Object.entries(abatement).find(([key]) => /^(abatement|value)[A-Z]/.test(key)) ?? [];
  if (name === undefined || value === false) return undefined;
  return isBefore(name.endsWith("Period") ? (value as { end?: unknown }).end : value, now) ? "resolved" : undefined;
}

/** Whether a condition is one of the past. */
export function isPast(resource: Resource, now: string): boolean {
  return OVER.includes(clinicalStatusOf(resource, now) ?? "");
}

function statusVerdict({ resourceType, status }: Judged, ended: boolean): Verdict | undefined {
  const known = Object.hasOwn(STATUS, resourceType) ? STATUS[resourceType] : undefined;
  if (!known) return status === "entered-in-error" ? false : undefined;
  // Without a status that R4 knows nothing can be said to have happened.
  const verdict =
    (status !== undefined && Object.hasOwn(known, status) ? known[status] : known["unknown"]) ??
    WITHOUT_STATUS[resourceType] ??
    false;
  if (!ended || verdict === false) return verdict;
  return resourceType === "DeviceUseStatement" ? "no longer used" : false;
}

/** What the codes of a concept mean; where none of them is known, what they say. */
function verdictsOn(concept: CodeableConcept | undefined, known: Readonly<Record<string, Verdict>>): Verdict[] {
  const found = codesOf(concept).flatMap((code) => (Object.hasOwn(known, code) ? (known[code] ?? []) : []));
  const said = concept?.text ?? concept?.coding?.find(({ display }) => display !== undefined)?.display;
  return found.length > 0 ? found : [said ?? codesOf(concept)].flat();
}

function clinicalVerdict(resource: Resource, now: string): Verdict | undefined {
  const code = clinicalStatusOf(resource, now);
  const known = code !== undefined && Object.hasOwn(CLINICAL, code) ? CLINICAL[code] : undefined;
  return known ?? verdictsOn((resource as Judged).clinicalStatus, CLINICAL)[0];
}

/** What lies ahead is told with its day. */
function startVerdict(resource: Resource, now: string): Verdict | undefined {
  const start = startOf(resource);
  return start !== undefined && now.slice(0, Math.min(start.length, 10)) < start.slice(0, 10)
    ? `from ${start.slice(0, 10)}`
    : undefined;
}

function startOf(resource: Resource): string | undefined {
  const element = PERIODS[resource.resourceType];
  const { [element ?? ""]: period, effectiveDateTime } = resource as unknown as Record<string, unknown>;
  const start = (period as { start?: unknown } | undefined)?.start ?? (element && effectiveDateTime);
  return typeof start === "string" && /^\d{4}/.test(start) ? start : undefined;
}

/** A plan that somebody reports is what the patient takes: https://hl7.org/fhir/us/core MedicationRequest. */
function medicationIntent({ resourceType, intent, reportedBoolean, reportedReference }: Judged): Verdict | undefined {
  if (resourceType !== "MedicationRequest") return undefined;
  if (intent === "plan" && (reportedBoolean === true || reportedReference !== undefined)) return undefined;
  return INTENT[intent ?? ""];
}

/** Types whose period says how long something holds, and the elements that give it. */
const PERIODS: Readonly<Record<string, string>> = {
  MedicationStatement: "effectivePeriod",
  DeviceUseStatement: "timingPeriod",
  CarePlan: "period",
  Flag: "period",
};

function isEnded(resource: Resource, now: string): boolean {
  const element = PERIODS[resource.resourceType];
  const period = element === undefined ? undefined : (resource as unknown as Record<string, unknown>)[element];
  return isBefore((period as { end?: unknown } | undefined)?.end, now, false);
}

/** A date counts as over when its last moment is: all of 2026 for "2026". What is no date is `otherwise`. */
function isBefore(end: unknown, now: string, otherwise = true): boolean {
  if (typeof end !== "string" || !/^\d{4}/.test(end)) return otherwise;
  return end.length > 10 ? Date.parse(end) < Date.parse(now) : end < now.slice(0, end.length);
}

interface ObservationLike {
  dataAbsentReason: object;
  component: object[];
  hasMember: object[];
}

/** False for an observation that says only why it has no result. */
function hasResult(observation: Partial<ObservationLike>): Verdict | undefined {
  const hasValue = (node: object): boolean => Object.keys(node).some((key) => /^value[A-Z]/.test(key));
  if (hasValue(observation) || observation.hasMember !== undefined) return undefined;
  const parts = observation.component ?? [];
  if (parts.length > 0)
    return parts.some((part) => hasValue(part) || !("dataAbsentReason" in part)) ? undefined : false;
  return observation.dataAbsentReason === undefined ? undefined : false;
}

function reasonOf({ statusReason }: Judged): string | undefined {
  const texts = [statusReason ?? []].flat().map((reason) => reason.text ?? reason.coding?.[0]?.display);
  return texts.find((text) => text !== undefined);
}

/** The codes of a status concept, HL7's own first; its text as a code where it has none. */
function codesOf(concept: CodeableConcept | undefined): string[] {
  const isOwn = ({ system }: Coding): boolean => system?.startsWith("http://terminology.hl7.org/") === true;
  const codings = concept?.coding ?? [];
  const codes = [...codings.filter(isOwn), ...codings.filter((coding) => !isOwn(coding))].flatMap(
    ({ code }) => code ?? [],
  );
  const text = concept?.text?.trim().toLowerCase().replace(/\s+/g, "-");
  return codes.length > 0 || text === undefined ? codes : [text];
}
