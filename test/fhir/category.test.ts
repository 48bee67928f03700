import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import { CATEGORIES, type Category, categoryOf, categoryOfBundle, laneOf } from "../../src/fhir/index.js";
import { isResourceType } from "../../src/fhir/resource-types.js";

const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });
const of = (resourceType: string, more: object = {}): Category => categoryOf({ resourceType, ...more } as Resource);

describe("CATEGORIES", () => {
  it("has its eight lanes in the order of the contracts", () => {
    expect(CATEGORIES).to.deep.equal([
      "SUMMARY",
      "MEDICATION",
      "OBSERVATION",
      "DIAGNOSTIC",
      "CARE",
      "FINANCIAL",
      "GENOMIC",
      "SENSITIVE",
    ]);
    expect(CATEGORIES.map(laneOf)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe("categoryOf", () => {
  it("goes by type", () => {
    const expected: Record<Exclude<Category, "SENSITIVE">, string[]> = {
      SUMMARY: [
        "Patient",
        "Condition",
        "AllergyIntolerance",
        "RelatedPerson",
        "FamilyMemberHistory",
        "Flag",
        "DeviceUseStatement",
        "List",
      ],
      MEDICATION: [
        "MedicationRequest",
        "MedicationStatement",
        "MedicationDispense",
        "MedicationAdministration",
        "Immunization",
      ],
      OBSERVATION: ["Observation", "DeviceMetric"],
      DIAGNOSTIC: ["DiagnosticReport", "ImagingStudy", "Media"],
      CARE: [
        "Encounter",
        "Procedure",
        "CarePlan",
        "Goal",
        "DocumentReference",
        "ServiceRequest",
        "QuestionnaireResponse",
        "Consent",
        "Task",
      ],
      FINANCIAL: ["Claim", "ClaimResponse", "ExplanationOfBenefit", "Coverage", "Contract", "Invoice"],
      GENOMIC: ["MolecularSequence"],
    };
    for (const [category, types] of Object.entries(expected)) {
      for (const type of types) {
        expect(isResourceType(type)).to.equal(true);
        expect(of(type), type).to.equal(category);
      }
    }
  });

  it("puts imaging observations with diagnostics", () => {
    const category = [coded("http://terminology.hl7.org/CodeSystem/observation-category", "imaging")];
    expect(of("Observation", { category })).to.equal("DIAGNOSTIC");
  });

  it("goes by the LOINC type of a document", () => {
    const typed = (code: string): object => ({ type: coded("http://loinc.org", code) });
    expect(of("Composition", typed("60591-5"))).to.equal("SUMMARY");
    expect(of("Composition", typed("11502-2"))).to.equal("DIAGNOSTIC");
    expect(of("DocumentReference", typed("34108-1"))).to.equal("CARE");
    // The same figures in a source's own list of types say nothing.
    expect(of("Composition", { type: coded("https://vendor.example/types", "60591-5") })).to.equal("CARE");
  });

  it("finds genetic observations and reports, and what a source labelled so", () => {
    expect(of("Observation", { code: coded("http://loinc.org", "69548-6") })).to.equal("GENOMIC");
    expect(of("DiagnosticReport", { code: coded("http://loinc.org", "51969-4") })).to.equal("GENOMIC");
    expect(
      of("DiagnosticReport", { category: [coded("http://terminology.hl7.org/CodeSystem/v2-0074", "GE")] }),
    ).to.equal("GENOMIC");
    expect(of("Observation", { valueCodeableConcept: coded("http://www.genenames.org/geneId", "HGNC:1100") })).to.equal(
      "GENOMIC",
    );
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "GDIS" }];
    expect(of("Condition", { meta: { security } })).to.equal("GENOMIC");
  });

  it("finds genetic tests, carriers and susceptibility by words and classifications, and no genes of germs", () => {
    for (const text of [
      ...["BRCA1 gene mutation positive", "Genetic susceptibility to malignant neoplasm of breast", "Karyotype"],
      ...["Cystic fibrosis carrier", "Whole exome sequencing", "CYP2C19 poor metabolizer", "Factor V Leiden mutation"],
      ...[
        "Genetische Untersuchung",
        "Gentest",
        "Test génétique",
        "Estudio genético",
        "Consulenza genetica",
        "DNA-onderzoek",
      ],
    ])
      expect(of("Condition", { code: { text } }), text).to.equal("GENOMIC");
    for (const text of [
      ...["Congenital heart disease", "Hepatitis C virus genotype panel", "Hepatitis C virus gene sequencing"],
      ...["Mycobacterium tuberculosis rpoB gene mutation", "MRSA carrier", "Carrier of hepatitis B", "Cystic fibrosis"],
      ...["Generic drug", "General examination"],
    ])
      expect(of("Condition", { code: { text } }), text).to.equal("SUMMARY");
    const icd10 = (code: string): object => ({ code: coded("http://hl7.org/fhir/sid/icd-10-cm", code) });
    expect([of("Condition", icd10("Z15.01")), of("Condition", icd10("E84.0"))]).to.deep.equal(["GENOMIC", "SUMMARY"]);
    expect(of("Procedure", { code: coded("http://www.ama-assn.org/go/cpt", "81211") })).to.equal("GENOMIC");
    expect(of("Observation", { note: [{ text: "genetic testing offered" }] })).to.equal("OBSERVATION");
  });

  it("lets sensitivity win over everything", () => {
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
    for (const type of ["Patient", "Claim", "MolecularSequence"])
      expect(of(type, { meta: { security } })).to.equal("SENSITIVE");
  });
});

describe("categoryOfBundle", () => {
  const composition = { resourceType: "Composition", type: coded("http://loinc.org", "60591-5") } as Resource;
  const sequence = { resourceType: "MolecularSequence" } as Resource;
  const alcohol = { resourceType: "Observation", code: coded("http://loinc.org", "74013-4") } as Resource;

  it("is that of the Composition, unless a part is higher", () => {
    expect(categoryOfBundle([composition, { resourceType: "Claim" } as Resource])).to.equal("SUMMARY");
    expect(categoryOfBundle([composition, sequence])).to.equal("GENOMIC");
    expect(categoryOfBundle([composition, sequence, alcohol])).to.equal("SENSITIVE");
  });

  it("is the one that all parts share, or CARE", () => {
    const nested = (...types: string[]): Category =>
      of("Bundle", { entry: [...types.map((resourceType) => ({ resource: { resourceType } })), {}] });
    expect(nested("Claim", "Coverage")).to.equal("FINANCIAL");
    expect(nested("Claim", "Observation")).to.equal("CARE");
    expect(nested()).to.equal("CARE");
  });
});
