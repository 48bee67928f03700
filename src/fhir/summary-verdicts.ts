/** What a status means in its section: `true` listed as it is, `false` left out, a text listed with these words. */
export type Verdict = boolean | string;

/**
 * Every status of R4 for the types that are composed, against what the guide says of their sections. What did not
 * happen, was a mistake, or no longer holds where a section speaks of now, is left out. Where a section is a history
 * (procedures, devices), what ended is listed and says so.
 *
 * Sources: the value sets bound to each `status` in https://hl7.org/fhir/R4, sections of http://hl7.org/fhir/uv/ips
 */
export const STATUS: Readonly<Record<string, Readonly<Record<string, Verdict>>>> = {
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
  Consent: {
    active: true,
    draft: false,
    proposed: false,
    rejected: false,
    inactive: false,
    "entered-in-error": false,
  },
};
/** Where a list of codes has none for "unknown", and leaving out a danger or an implant would be the greater harm. */
export const WITHOUT_STATUS: Readonly<Record<string, Verdict>> = {
  Flag: "status unknown",
  DeviceUseStatement: "not known whether in use",
};

/** Intents under which nobody has asked for what stands there. Source: https://hl7.org/fhir/R4/valueset-request-intent.html */
export const INTENT: Readonly<Record<string, Verdict>> = { proposal: false, option: false, plan: "planned" };
/** A plan of care is one of the expectations for care, proposals among them. */
export const PLAN_INTENT: Readonly<Record<string, Verdict>> = {
  proposal: "proposed",
  option: "one of several options",
};

export const VERIFICATION: Readonly<Record<string, Verdict>> = {
  unconfirmed: "unconfirmed",
  provisional: "provisional",
  differential: "differential",
  refuted: false,
  "entered-in-error": false,
  confirmed: true,
  // The words of people, and the qualifiers of SNOMED CT that stand for these codes.
  "ruled-out": false,
  "410594000": false,
  "410516002": false,
  "410605003": true,
  "410515003": true,
};
export const CLINICAL: Readonly<Record<string, Verdict>> = {
  active: true,
  recurrence: "recurrence",
  relapse: "relapse",
  inactive: "inactive",
  remission: "in remission",
  resolved: "resolved",
};
