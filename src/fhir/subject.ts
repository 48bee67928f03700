import type { Reference, Resource } from "@medplum/fhirtypes";

/** Elements that say whom a resource is about. Who stands there in a form that can't be read is somebody. */
const SUBJECT = ["subject", "patient", "beneficiary", "individual", "for", "candidate"];

/**
 * Elements that hold patients among much else. What doesn't read as a patient there is none.
 *
 * Source: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
const AMONG_OTHERS: Readonly<Record<string, readonly string[]>> = {
  Appointment: ["participant.actor"],
  AppointmentResponse: ["actor"],
  AuditEvent: ["entity.what"],
  Binary: ["securityContext"],
  Group: ["member.entity"],
  Linkage: ["item.resource"],
  List: ["entry.item"],
  MessageHeader: ["focus"],
  Person: ["link.target"],
  Provenance: ["target"],
  Schedule: ["actor"],
};

/** Elements of other names that R4 lets be a Patient only. */
const DEEPER: Readonly<Record<string, readonly string[]>> = { DocumentReference: ["context.sourcePatientInfo"] };

/** A reference to a subject and where it stands in its resource. */
export interface SubjectReference {
  path: string;
  reference: Reference;
  /** False where the element holds patients among much else. */
  meansPerson: boolean;
}

/**
 * The references that say whom a resource is about. Other people may appear in other roles (performer, requester,
 * grantee): those do not make a resource theirs.
 *
 * @example
 * subjectsOf(observation) // [{ path: "subject", reference: { reference: "Patient/1" }, meansPerson: true }]
 */
export function subjectsOf(resource: Resource): SubjectReference[] {
  const type = resource.resourceType;
  const people = resource.resourceType === "Group" && resource.type === "person";
  const among = (AMONG_OTHERS[type] ?? []).flatMap((path) => collect(resource, path.split("."), "", people));
  if (resource.resourceType === "Parameters") among.push(...valuesOf(resource.parameter, "parameter"));
  // The subject of a MedicinalProductIndication is a product.
  if (type.startsWith("MedicinalProduct")) return [];
  return [...SUBJECT, ...(DEEPER[type] ?? [])]
    .flatMap((path) => collect(resource, path.split("."), "", true))
    .concat(among);
}

function collect(node: unknown, steps: readonly string[], path: string, meansPerson: boolean): SubjectReference[] {
  if (Array.isArray(node)) return node.flatMap((item, at) => collect(item, steps, `${path}[${at}]`, meansPerson));
  if (node === undefined || node === null) return [];
  const [step, ...rest] = steps;
  // What is no Reference, in an input that wasn't validated, is one that says nothing.
  if (step === undefined) return [{ path, reference: typeof node === "object" ? node : {}, meansPerson }];
  const inner = typeof node === "object" ? (node as Record<string, unknown>)[step] : undefined;
  return collect(inner, rest, path === "" ? step : `${path}.${step}`, meansPerson);
}

/** `valueReference` of parameters and their parts; a parameter that is named after the patient means a person. */
function valuesOf(list: unknown, path: string): SubjectReference[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, at) => {
    const { name, valueReference, part } = (item ?? {}) as Record<string, unknown>;
    const place = `${path}[${at}]`;
    const meansPerson = typeof name === "string" && /^(subject|patient|.*Patient)$/.test(name);
    return [...collect(valueReference, [], `${place}.valueReference`, meansPerson), ...valuesOf(part, `${place}.part`)];
  });
}

/** Types that are about somebody, as R4 defines them; the others say who, where, what with, or how. */
const ABOUT_SOMEBODY = new Set(
  `
  Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic BodyStructure CarePlan CareTeam
  ChargeItem Claim ClaimResponse ClinicalImpression Communication CommunicationRequest Composition Condition Consent
  Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceRequest DeviceUseStatement
  DiagnosticReport DocumentManifest DocumentReference Encounter EnrollmentRequest EpisodeOfCare ExplanationOfBenefit
  FamilyMemberHistory Flag Goal GuidanceResponse ImagingStudy Immunization ImmunizationEvaluation
  ImmunizationRecommendation Invoice List MeasureReport Media MedicationAdministration MedicationDispense
  MedicationRequest MedicationStatement MolecularSequence NutritionOrder Observation Person Procedure Provenance
  QuestionnaireResponse RelatedPerson RequestGroup ResearchSubject RiskAssessment ServiceRequest SupplyDelivery Task
  VisionPrescription
  `
    .trim()
    .split(/\s+/),
);

/**
 * Whether a resource is about somebody: by its type, or because it names a subject.
 *
 * @example
 * isAboutSomebody(observation) // true
 * isAboutSomebody(practitioner) // false
 */
export function isAboutSomebody(resource: Resource): boolean {
  return ABOUT_SOMEBODY.has(resource.resourceType) || hasSubject(resource);
}

/** Whether a resource has a subject, in whatever form. */
export const hasSubject = (resource: Resource): boolean => subjectsOf(resource).some(({ meansPerson }) => meansPerson);
