/** The resource types of FHIR R4 (https://hl7.org/fhir/R4/resourcelist.html). */
const R4_RESOURCE_TYPES: ReadonlySet<string> = new Set(
  `
  Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic
  Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry
  ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication
  CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
  CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric
  DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
  Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
  EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group
  GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation
  ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure
  MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
  MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
  MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
  MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
  MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
  MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition
  OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation
  Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
  RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject
  RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition
  StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer
  SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery
  SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
  VisionPrescription
  `
    .trim()
    .split(/\s+/),
);

/**
 * Whether R4 defines this resource type.
 *
 * @example
 * isResourceType("Observation") // true
 */
export function isResourceType(name: unknown): name is string {
  return typeof name === "string" && R4_RESOURCE_TYPES.has(name);
}

/** Types that say who, where and what with; they travel with what refers to them. */
export const TRAVELLING: ReadonlySet<string> = new Set([
  ...["Practitioner", "PractitionerRole", "Organization", "OrganizationAffiliation", "Location", "HealthcareService"],
  ...["Endpoint", "Medication", "Substance", "Device", "DeviceDefinition", "Specimen", "Binary"],
]);

/** What somebody takes, and mustn't be given: what is asked for in an emergency, also where it is sensitive. */
export const MEDICINES: ReadonlySet<string> = new Set([
  ...["MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense"],
  ...["AllergyIntolerance"],
]);
