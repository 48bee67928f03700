import type { Resource } from "@medplum/fhirtypes";

/** A release of FHIR that is met in place of R4, or two that the input doesn't tell apart. */
export type OtherRelease = "DSTU2" | "STU3" | "DSTU2 or STU3" | "R5";

type Release = "DSTU2" | "STU3" | "R5";

/** Resource types that R4 doesn't define. Source: the resource lists of the releases, http://hl7.org/fhir/directory.html */
const TYPES: readonly (readonly [releases: readonly Release[], types: string])[] = [
  [
    ["DSTU2"],
    "MedicationOrder DiagnosticOrder DeviceUseRequest Order OrderResponse Conformance ImagingObjectSelection",
  ],
  [
    ["DSTU2", "STU3"],
    `BodySite DataElement DeviceComponent EligibilityRequest EligibilityResponse ProcedureRequest ProcessRequest
     ProcessResponse ReferralRequest`,
  ],
  [["STU3"], "ImagingManifest ExpansionProfile Sequence ServiceDefinition"],
  [
    ["R5"],
    `BiologicallyDerivedProductDispense DeviceAssociation DeviceDispense DeviceUsage EncounterHistory GenomicStudy
     ImagingSelection NutritionIntake Permission RequestOrchestration Transport`,
  ],
];

/** Elements of the types that R4 defines, which R4 doesn't have. Source: "Differences" pages of the releases' resources. */
const ELEMENTS: readonly (readonly [releases: readonly Release[], elements: string])[] = [
  [
    ["DSTU2"],
    `Patient.careProvider Practitioner.practitionerRole Condition.patient Condition.dateRecorded Encounter.patient
     Encounter.indication Observation.comments AllergyIntolerance.substance AllergyIntolerance.status
     AllergyIntolerance.lastOccurence Immunization.wasNotGiven Immunization.reported Immunization.requester
     MedicationStatement.patient MedicationStatement.wasNotTaken MedicationAdministration.patient
     MedicationAdministration.practitioner MedicationAdministration.wasNotGiven MedicationDispense.patient
     MedicationDispense.dispenser Procedure.notPerformed Procedure.request DiagnosticReport.request CarePlan.modified
     CarePlan.relatedPlan QuestionnaireResponse.group ImagingStudy.order AuditEvent.event AuditEvent.object`,
  ],
  [
    ["DSTU2", "STU3"],
    `Patient.animal Encounter.reason Encounter.incomingReferral Observation.related Immunization.date
     Immunization.explanation Immunization.vaccinationProtocol MedicationStatement.reasonNotTaken
     MedicationAdministration.reasonNotGiven MedicationAdministration.prescription DiagnosticReport.image
     DiagnosticReport.codedDiagnosis DocumentReference.indexed DocumentReference.created DocumentReference.class
     Goal.status Composition.class CarePlan.context ImagingStudy.uid ImagingStudy.accession ImagingStudy.availability
     ImagingStudy.patient Device.udi Device.model Appointment.reason Provenance.period`,
  ],
  [
    ["STU3"],
    `Condition.context Condition.assertedDate AllergyIntolerance.assertedDate Observation.context Observation.comment
     MedicationRequest.context MedicationRequest.definition Immunization.notGiven MedicationStatement.taken
     MedicationAdministration.notGiven MedicationDispense.notDone Procedure.notDone Procedure.notDoneReason
     Procedure.context Procedure.definition DiagnosticReport.context CarePlan.definition CareTeam.context
     Communication.context Communication.notDone QuestionnaireResponse.context QuestionnaireResponse.parent
     FamilyMemberHistory.notDone ImagingStudy.context Coverage.grouping Consent.consentingParty Consent.except`,
  ],
  [
    ["R5"],
    `Encounter.actualPeriod Encounter.plannedStartDate Encounter.admission Condition.participant
     AllergyIntolerance.participant MedicationRequest.medication MedicationStatement.medication
     MedicationStatement.adherence MedicationAdministration.medication MedicationDispense.medication
     Observation.triggeredBy Consent.grantor Consent.decision Immunization.basedOn Immunization.informationSource
     Procedure.occurrenceDateTime Procedure.occurrencePeriod CarePlan.custodian`,
  ],
];

const wordsOf = (lists: typeof TYPES): ReadonlyMap<string, readonly Release[]> =>
  new Map(lists.flatMap(([releases, text]) => text.split(/\s+/).map((word) => [word, releases] as const)));

const RELEASES_OF_TYPE = wordsOf(TYPES);
const RELEASES_OF_ELEMENT = wordsOf(ELEMENTS);

/**
 * The release that a resource type is of which R4 doesn't define.
 *
 * @example
 * releaseOfType("MedicationOrder") // "DSTU2"
 */
export const releaseOfType = (type: string): OtherRelease | undefined => nameOf([RELEASES_OF_TYPE.get(type) ?? []]);

/**
 * The release that resources look like which R4 refuses: by elements that R4 doesn't have, by the form of others, and by
 * what profiles are called.
 *
 * @param resources refused ones: what is good R4 may hold such a sign by chance
 * @returns undefined where nothing tells
 * @example
 * releaseOf([{ resourceType: "Condition", assertedDate: "2015-01-01" }]) // "STU3"
 */
export const releaseOf = (resources: readonly Resource[]): OtherRelease | undefined =>
  nameOf(resources.flatMap(signsOf));

function signsOf(resource: Resource): (readonly Release[])[] {
  const { resourceType, meta, contained } = resource as Resource & { contained?: unknown };
  const fields = resource as unknown as Record<string, unknown>;
  const signs = Object.keys(fields).flatMap((key) => [RELEASES_OF_ELEMENT.get(`${resourceType}.${key}`) ?? []]);
  if (typeof fields["clinicalStatus"] === "string") signs.push(["DSTU2", "STU3"]);
  if (resourceType === "Encounter" && typeof fields["class"] === "string") signs.push(["DSTU2"]);
  if (resourceType === "Encounter" && Array.isArray(fields["class"])) signs.push(["R5"]);
  if (listOf(fields["name"]).some((name) => Array.isArray((name as { family?: unknown } | null)?.family))) {
    signs.push(["DSTU2"]);
  }
  for (const profile of listOf(meta?.profile)) {
    const [, release] = /\/(DSTU2|STU3|R5)\//.exec(String(profile)) ?? [];
    if (release !== undefined) signs.push([release as Release]);
  }
  const inner = listOf(contained).filter((one): one is Resource => typeof one === "object" && one !== null);
  return signs.concat(inner.flatMap(signsOf));
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The release that most signs speak for. */
function nameOf(signs: readonly (readonly Release[])[]): OtherRelease | undefined {
  const votes = (release: Release): number => signs.filter((releases) => releases.includes(release)).length;
  const [dstu2, stu3, r5] = [votes("DSTU2"), votes("STU3"), votes("R5")];
  if (dstu2 + stu3 + r5 === 0) return undefined;
  if (r5 > Math.max(dstu2, stu3)) return "R5";
  return dstu2 === stu3 ? "DSTU2 or STU3" : dstu2 > stu3 ? "DSTU2" : "STU3";
}

/** What to do with an input of another release. Source: https://hl7.org/fhir/R4/http.html#version-parameter */
export const CONVERT_TO_R4 =
  'Ask the server for FHIR R4 ("application/fhir+json; fhirVersion=4.0"), or convert the input to R4 (4.0.1), for instance with the HL7 FHIR validator.';
