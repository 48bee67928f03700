import type { Identifier, Reference, Resource } from "@medplum/fhirtypes";

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
  VerificationResult: ["target"],
};

/**
 * Elements that say what a resource of somebody's chart looks at. They make nobody its subject, but what looks at another
 * patient, such as a newborn in the mother's chart, tells of that one.
 *
 * Source: https://hl7.org/fhir/R4/observation-definitions.html#Observation.focus
 */
const IN_PASSING: Readonly<Record<string, readonly string[]>> = {
  Communication: ["about"],
  CommunicationRequest: ["about"],
  Observation: ["focus"],
  SupplyRequest: ["deliverTo"],
  Task: ["focus"],
};

/** Elements of other names that R4 lets be a Patient only. */
const DEEPER: Readonly<Record<string, readonly string[]>> = { DocumentReference: ["context.sourcePatientInfo"] };

/** A reference to a subject and where it stands in its resource. */
export interface SubjectReference {
  path: string;
  reference: Reference;
  /** False where the element holds patients among much else. */
  meansPerson: boolean;
  /** Present where the element makes nobody the patient, though another patient there is one too many. */
  inPassing?: true;
}

/**
 * The references that say whom a resource is about. Other people may appear in other roles (performer, requester,
 * grantee): those do not make a resource theirs. Only where nothing says whom it is about, every reference is given, in
 * passing: whoever answered a questionnaire without a subject may be the one whom it is about.
 *
 * @example
 * subjectsOf(observation) // [{ path: "subject", reference: { reference: "Patient/1" }, meansPerson: true }]
 */
export function subjectsOf(resource: Resource): SubjectReference[] {
  const type = resource.resourceType;
  const people = type === "Group" && resource.type === "person";
  const among = (AMONG_OTHERS[type] ?? []).flatMap((path) => collect(resource, path.split("."), "", people));
  if (type === "Parameters") among.push(...valuesOf(resource.parameter, "parameter"));
  // A Person is somebody; without a link nothing says that it is the patient.
  if (type === "Person" && among.length === 0) among.push({ path: "link", reference: {}, meansPerson: true });
  // The subject of a MedicinalProductIndication is a product.
  if (type.startsWith("MedicinalProduct")) return [];
  const subjects = [...SUBJECT, ...(DEEPER[type] ?? [])]
    .flatMap((path) => collect(resource, path.split("."), "", true))
    .concat(among);
  const isSilent = subjects.length === 0 && ABOUT_SOMEBODY.has(type);
  return [...subjects, ...(isSilent ? everyReference(resource, "") : lookedAt(resource))];
}

function lookedAt(resource: Resource): SubjectReference[] {
  const found = (IN_PASSING[resource.resourceType] ?? []).flatMap((path) => collect(resource, [path], "", false));
  if (resource.resourceType === "Composition") found.push(...focusOf(resource.section, "section"));
  return found.map((one) => ({ ...one, inPassing: true }));
}

/** `focus` of sections, and of sections inside them. */
function focusOf(sections: unknown, path: string): SubjectReference[] {
  if (!Array.isArray(sections)) return [];
  return sections.flatMap((item: unknown, at) => {
    const { focus, section } = (item ?? {}) as Record<string, unknown>;
    const place = `${path}[${at}]`;
    return [...collect(focus, [], `${place}.focus`, false), ...focusOf(section, `${place}.section`)];
  });
}

/** Every Reference, but for those of contained resources, which are asked by themselves. */
function everyReference(node: unknown, path: string): SubjectReference[] {
  if (Array.isArray(node)) return node.flatMap((item, at) => everyReference(item, `${path}[${at}]`));
  if (typeof node !== "object" || node === null) return [];
  const { reference, identifier } = node as Reference;
  const isReference = typeof reference === "string" || (identifier !== undefined && !Array.isArray(identifier));
  const own: SubjectReference[] =
    isReference && path !== "" ? [{ path, reference: node, meansPerson: false, inPassing: true }] : [];
  return own.concat(
    Object.entries(node).flatMap(([key, value]) =>
      path === "" && key === "contained" ? [] : everyReference(value, path === "" ? key : `${path}.${key}`),
    ),
  );
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

/** A parameter of such a name means a person: `subject`, `source-patient`, `MemberPatient`, `patientId`. */
const PERSON_PARAMETER = /^(subject|(.*[-_])?patient|.*Patient)([-_]?(id|identifier|reference))?$/i;

/** References in parameters and their parts; under a person's name also an identifier, and a reference that is text. */
function valuesOf(list: unknown, path: string): SubjectReference[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, at) => {
    const { name, part, ...values } = (item ?? {}) as Record<string, unknown>;
    const place = `${path}[${at}]`;
    const meansPerson = typeof name === "string" && PERSON_PARAMETER.test(name);
    const found = collect(values["valueReference"], [], `${place}.valueReference`, meansPerson);
    if (meansPerson) found.push(...personIn(values, place));
    return [...found, ...valuesOf(part, `${place}.part`)];
  });
}

function personIn(values: Record<string, unknown>, place: string): SubjectReference[] {
  return Object.entries(values).flatMap(([key, value]): SubjectReference[] => {
    const found = { path: `${place}.${key}`, meansPerson: true };
    if (key === "valueIdentifier") return [{ ...found, reference: { identifier: value as Identifier } }];
    if (typeof value !== "string" || !/^value(Id|String|Uri|Url|Canonical|Oid|Uuid)$/.test(key)) return [];
    if (/^(urn:|https?:|\/|#)|^[A-Za-z]+[/?]/.test(value)) return [{ ...found, reference: { reference: value } }];
    return key === "valueId" ? [{ ...found, reference: { reference: `Patient/${value}` } }] : [];
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
