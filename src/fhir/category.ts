import type { Bundle, Resource } from "@medplum/fhirtypes";
import { codingsOf, systemName } from "./codings.js";
import { isGenomic } from "./genomic.js";
import { sensitivityReasonsOf } from "./sensitivity.js";
import type { Category } from "./vocabulary.js";

/** R4 resource types by category; every type that is not named here is CARE. */
const TYPES: Readonly<Record<Exclude<Category, "CARE" | "SENSITIVE">, readonly string[]>> = {
  // Demographics, problems, allergies, devices: what an International Patient Summary holds.
  SUMMARY: [
    ...["Patient", "Person", "RelatedPerson", "AllergyIntolerance", "Condition", "FamilyMemberHistory", "Flag"],
    ...["Device", "DeviceUseStatement", "List"],
  ],
  MEDICATION: [
    ...["Medication", "MedicationAdministration", "MedicationDispense", "MedicationKnowledge", "MedicationRequest"],
    ...["MedicationStatement", "Immunization", "ImmunizationEvaluation", "ImmunizationRecommendation"],
  ],
  OBSERVATION: ["Observation", "DeviceMetric", "Specimen"],
  DIAGNOSTIC: ["DiagnosticReport", "ImagingStudy", "Media", "BodyStructure"],
  FINANCIAL: [
    ...["Account", "ChargeItem", "Claim", "ClaimResponse", "Contract", "Coverage", "CoverageEligibilityRequest"],
    ...[
      "CoverageEligibilityResponse",
      "EnrollmentRequest",
      "EnrollmentResponse",
      "ExplanationOfBenefit",
      "InsurancePlan",
    ],
    ...["Invoice", "PaymentNotice", "PaymentReconciliation"],
  ],
  GENOMIC: ["MolecularSequence"],
};

const CATEGORY_OF_TYPE: ReadonlyMap<string, Category> = new Map(
  Object.entries(TYPES).flatMap(([category, types]) => types.map((type) => [type, category as Category] as const)),
);

/** LOINC documents that are a summary. Source: http://hl7.org/fhir/uv/ips (60591-5), US C-CDA (34133-9). */
const SUMMARY_DOCUMENTS = new Set(["60591-5", "34133-9"]);
/** LOINC documents that report results: laboratory, radiology, pathology, cardiology. */
const REPORT_DOCUMENTS = new Set(["11502-2", "18748-4", "11526-1", "18725-2", "18718-7", "18842-7"]);

/**
 * The category of one resource by itself. SENSITIVE wins over GENOMIC, which wins over the type.
 *
 * @example
 * categoryOf({ resourceType: "AllergyIntolerance", patient: { reference: "Patient/1" } }) // "SUMMARY"
 */
export function categoryOf(resource: Resource): Category {
  return sensitivityReasonsOf(resource).length > 0 ? "SENSITIVE" : ordinaryCategoryOf(resource);
}

/**
 * The category of a Bundle that stays whole: the highest of its parts (SENSITIVE, then GENOMIC), else that of its
 * Composition, else the one that all parts share, else CARE.
 *
 * @example
 * categoryOfBundle(ipsBundle.entry.map((entry) => entry.resource)) // "SUMMARY"
 */
export function categoryOfBundle(resources: readonly Resource[]): Category {
  if (resources.some((resource) => categoryOf(resource) === "SENSITIVE")) return "SENSITIVE";
  return ordinaryCategoryOfBundle(resources);
}

/** The same, where it is known that no part is sensitive. */
export function ordinaryCategoryOfBundle(resources: readonly Resource[]): Category {
  const parts = new Set(resources.map(ordinaryCategoryOf));
  if (parts.has("GENOMIC")) return "GENOMIC";
  const composition = resources[0];
  if (composition?.resourceType === "Composition") return categoryByType(composition);
  const [only, another] = parts;
  return only !== undefined && another === undefined ? only : "CARE";
}

function resourcesOf(bundle: Bundle): Resource[] {
  return bundle.entry?.flatMap(({ resource }) => resource ?? []) ?? [];
}

/** The category of a resource that isn't sensitive. */
export function ordinaryCategoryOf(resource: Resource): Category {
  if (resource.resourceType === "Bundle") return ordinaryCategoryOfBundle(resourcesOf(resource));
  return isGenomic(resource) ? "GENOMIC" : categoryByType(resource);
}

/** The category by type and kind, leaving sensitivity and genomics aside. */
function categoryByType(resource: Resource): Category {
  if (resource.resourceType === "Observation") {
    return hasCode(resource.category, ["imaging", "procedure"]) ? "DIAGNOSTIC" : "OBSERVATION";
  }
  if (resource.resourceType === "Composition" || resource.resourceType === "DocumentReference") {
    return categoryOfDocument(resource.type);
  }
  return CATEGORY_OF_TYPE.get(resource.resourceType) ?? "CARE";
}

function categoryOfDocument(type: object | undefined): Category {
  const loinc = codingsOf(type ?? {}).filter(({ system }) => systemName(system) === "loinc");
  if (loinc.some(({ code }) => SUMMARY_DOCUMENTS.has(code))) return "SUMMARY";
  return loinc.some(({ code }) => REPORT_DOCUMENTS.has(code)) ? "DIAGNOSTIC" : "CARE";
}

function hasCode(concepts: object | undefined, codes: readonly string[]): boolean {
  return codingsOf(concepts ?? {}).some(({ code }) => codes.includes(code));
}
