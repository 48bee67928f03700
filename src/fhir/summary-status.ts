import type { CodeableConcept, Coding, Extension, Resource } from "@medplum/fhirtypes";

/** What a status means in its section: `true` listed as it is, `false` left out, a text listed with these words. */
type Verdict = boolean | string;

/**
 * Every status of R4 for the types that are composed, against what the guide says of their sections. What did not
 * happen, was a mistake, or no longer holds where a section speaks of now, is left out. Where a section is a history
 * (procedures, devices), what ended is listed and says so.
 *
 * Sources: the value sets bound to each `status` in https://hl7.org/fhir/R4, sections of http://hl7.org/fhir/uv/ips
 */
const STATUS: Readonly<Record<string, Readonly<Record<string, Verdict>>>> = {
  MedicationStatement: {
    active: true,
    intended: "intended, not yet taken",
    "on-hold": "on hold",
    unknown: "not known whether taken",
    completed: false,
    stopped: false,
    "not-taken": false,
    "entered-in-error": false,
  },
  MedicationRequest: {
    active: true,
    "on-hold": "on hold",
    unknown: "not known whether in use",
    draft: false,
    completed: false,
    stopped: false,
    cancelled: false,
    "entered-in-error": false,
  },
  Immunization: { completed: true, "not-done": false, "entered-in-error": false },
  Procedure: {
    completed: true,
    "in-progress": "in progress",
    "on-hold": "begun, on hold",
    stopped: "stopped before it was complete",
    unknown: "not known whether it was done",
    preparation: false,
    "not-done": false,
    "entered-in-error": false,
  },
  DeviceUseStatement: {
    active: true,
    "on-hold": "on hold",
    intended: "intended, not yet used",
    completed: "no longer used",
    stopped: "no longer used",
    "entered-in-error": false,
  },
  DiagnosticReport: {
    final: true,
    amended: true,
    corrected: true,
    appended: true,
    partial: "partial",
    preliminary: "preliminary",
    unknown: "status unknown",
    registered: false,
    cancelled: false,
    "entered-in-error": false,
  },
  Observation: {
    final: true,
    amended: true,
    corrected: true,
    preliminary: "preliminary",
    unknown: "status unknown",
    registered: false,
    cancelled: false,
    "entered-in-error": false,
  },
  CarePlan: {
    active: true,
    "on-hold": "on hold",
    unknown: "status unknown",
    draft: false,
    revoked: false,
    completed: false,
    "entered-in-error": false,
  },
  Flag: { active: true, inactive: false, "entered-in-error": false },
};

/** Intents under which nobody has asked for what stands there. Source: https://hl7.org/fhir/R4/valueset-request-intent.html */
const INTENT: Readonly<Record<string, Verdict>> = { proposal: false, option: false, plan: "planned" };
/** A plan of care is one of the expectations for care, proposals among them. */
const PLAN_INTENT: Readonly<Record<string, Verdict>> = { proposal: "proposed", option: "one of several options" };

const VERIFICATION: Readonly<Record<string, Verdict>> = {
  unconfirmed: "unconfirmed",
  provisional: "provisional",
  differential: "differential",
  refuted: false,
  "entered-in-error": false,
};
const CLINICAL: Readonly<Record<string, Verdict>> = {
  recurrence: "recurrence",
  relapse: "relapse",
  inactive: "inactive",
  remission: "in remission",
  resolved: "resolved",
};
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
    ...codesOf(judged.verificationStatus).map((code) => VERIFICATION[code]),
    CLINICAL[clinicalStatusOf(resource, now) ?? ""],
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
  if (!known) return undefined;
  // Without a status that R4 knows nothing can be said to have happened.
  const verdict = (status !== undefined && Object.hasOwn(known, status) ? known[status] : known["unknown"]) ?? false;
  if (!ended || verdict === false) return verdict;
  return resourceType === "DeviceUseStatement" ? "no longer used" : false;
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
