import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import fc from "fast-check";
import {
  type FhirRecord,
  parseFhirText,
  sensitivityReasonsOf,
  splitIntoRecords,
  type SplitOptions,
} from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { bundleOf, observation } from "./real-inputs.js";

const LOINC = "http://loinc.org";
const CASES = fileURLToPath(new URL("../../../shared/cases", import.meta.url));

const split = async (input: object, options?: SplitOptions): Promise<FhirRecord[]> =>
  splitIntoRecords(await parseFhirText(JSON.stringify(input), "input", { validate: false }), options);

/** Ids (or types) of the resources in SENSITIVE records, and of those in others. */
async function sides(...resources: object[]): Promise<{ sensitive: string[]; ordinary: string[] }> {
  const records = await split(bundleOf(...resources));
  const idsOf = (sensitive: boolean): string[] =>
    records
      .filter((record) => record.sensitive === sensitive)
      .flatMap((record) => record.resources.map(({ id, resourceType }) => id ?? resourceType))
      .sort();
  return { sensitive: idsOf(true), ordinary: idsOf(false) };
}

const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });
const DEPRESSION = { code: coded("http://hl7.org/fhir/sid/icd-10", "F32") };
const WEIGHT = { code: coded(LOINC, "29463-7") };
const observed = (id: string, more: object): object => observation({ id, ...WEIGHT, ...more });
const to = (...ids: string[]): object[] => ids.map((id) => ({ reference: `Observation/${id}` }));

describe("classify: what a resource is made of", () => {
  it("pulls the members of a sensitive panel, and theirs", async () => {
    const panel = observed("panel", { code: coded(LOINC, "44249-1"), hasMember: to("a") });
    const inner = observed("a", { hasMember: to("b") });
    expect(await sides(panel, inner, observed("b", {}), observed("c", {}))).to.deep.equal({
      sensitive: ["a", "b", "panel"],
      ordinary: ["alice", "c"],
    });
  });

  it("pulls the panel of a sensitive member, and its panel, but no sibling", async () => {
    const hiv = observed("hiv", { code: coded(LOINC, "75622-1") });
    const report = { resourceType: "DiagnosticReport", id: "report", result: to("panel", "weight") };
    const panel = observed("panel", { hasMember: to("hiv", "sibling") });
    expect(await sides(hiv, report, panel, observed("weight", {}), observed("sibling", {}))).to.deep.equal({
      sensitive: ["hiv", "panel", "report"],
      ordinary: ["alice", "sibling", "weight"],
    });
  });

  it("pulls panels that are members of each other", async () => {
    const hiv = observed("hiv", { code: coded(LOINC, "75622-1") });
    const [one, other] = [
      observed("one", { hasMember: to("hiv", "other") }),
      observed("other", { hasMember: to("one") }),
    ];
    expect((await sides(hiv, one, other)).sensitive).to.deep.equal(["hiv", "one", "other"]);
  });

  it("pulls the answers that a score is derived from", async () => {
    const answers = { resourceType: "QuestionnaireResponse", id: "answers", status: "completed" };
    const score = observed("score", {
      code: coded(LOINC, "44261-6"),
      derivedFrom: [{ reference: "QuestionnaireResponse/answers" }],
    });
    expect((await sides(answers, score)).sensitive).to.deep.equal(["answers", "score"]);
  });

  it("pulls what stands in a section that tells, and nothing of the other sections", async () => {
    const composition = {
      resourceType: "Composition",
      id: "letter",
      section: [
        { title: "Substance use history", entry: to("a") },
        { title: "Vital signs", entry: to("b") },
      ],
    };
    expect(await sides(composition, observed("a", {}), observed("b", {}))).to.deep.equal({
      sensitive: ["a", "letter"],
      ordinary: ["alice", "b"],
    });
  });

  it("pulls what points at something sensitive, one step, and neither an encounter nor what happened at it", async () => {
    const condition = {
      resourceType: "Condition",
      id: "depression",
      ...DEPRESSION,
      encounter: { reference: "Encounter/visit" },
    };
    const claim = {
      resourceType: "Claim",
      id: "claim",
      diagnosis: [{ diagnosisReference: { reference: "Condition/depression" } }],
    };
    const answer = { resourceType: "ClaimResponse", id: "answer", request: { reference: "Claim/claim" } };
    const visit = { resourceType: "Encounter", id: "visit", status: "finished" };
    const ward = { resourceType: "Encounter", id: "ward", reasonCode: [DEPRESSION.code] };
    const weights = [
      observed("weight", { encounter: { reference: "Encounter/visit" } }),
      observed("ward-weight", { encounter: { reference: "Encounter/ward" } }),
    ];
    expect(await sides(condition, claim, answer, visit, ward, ...weights)).to.deep.equal({
      sensitive: ["claim", "depression", "ward"],
      ordinary: ["alice", "answer", "visit", "ward-weight", "weight"],
    });
  });

  it("pulls no sibling in any tree of panels", async () => {
    const tree = fc.array(fc.record({ parent: fc.nat(), sensitive: fc.boolean() }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(tree, async (nodes) => {
        const parents = nodes.map(({ parent }, at) => (at === 0 ? -1 : parent % at));
        const resources = nodes.map(({ sensitive }, at) =>
          observed(`n${at}`, {
            ...(sensitive ? { code: coded(LOINC, "75622-1") } : {}),
            hasMember: to(...parents.flatMap((parent, child) => (parent === at ? [`n${child}`] : []))),
          }),
        );
        const line = (at: number): number[] => (at < 0 ? [] : [at, ...line(parents[at] ?? -1)]);
        const isSensitive = (at: number): boolean => nodes[at]?.sensitive === true;
        const expected = nodes.flatMap((_, at) => {
          const above = line(at).some(isSensitive);
          const below = nodes.some((node, other) => node.sensitive && line(other).includes(at));
          return above || below ? [`n${at}`] : [];
        });
        expect((await sides(...resources)).sensitive).to.deep.equal(expected.sort());
      }),
      { numRuns: 60 },
    );
  });
});

describe("classify: companions", () => {
  const role = (id: string, code: string): object => ({
    resourceType: "PractitionerRole",
    id,
    specialty: [coded("http://nucc.org/provider-taxonomy", code)],
    practitioner: { reference: "Practitioner/doctor" },
  });
  const doctor = { resourceType: "Practitioner", id: "doctor" };

  it("travel with ordinary records unless they are sensitive, and with sensitive ones always", async () => {
    const patient = { resourceType: "List", id: "list", source: { reference: "PractitionerRole/gp" } };
    expect(await sides(patient, role("gp", "207Q00000X"), doctor)).to.deep.equal({
      sensitive: [],
      ordinary: ["alice", "doctor", "gp", "list"],
    });
    const condition = {
      resourceType: "Condition",
      id: "c",
      ...DEPRESSION,
      recorder: { reference: "PractitionerRole/psychiatrist" },
    };
    expect((await sides(condition, role("psychiatrist", "2084P0800X"), doctor)).sensitive).to.deep.equal([
      "c",
      "doctor",
      "psychiatrist",
    ]);
  });

  it("are also where the pictures of a study are kept", async () => {
    const study = { resourceType: "ImagingStudy", id: "study", endpoint: [{ reference: "Endpoint/pacs" }] };
    const records = await split(bundleOf(study, { resourceType: "Endpoint", id: "pacs" }));
    expect(records.map(({ resources }) => resources.map(({ id }) => id))).to.deep.include(["study", "pacs"]);
  });

  it("stay out of the patient's own record when they are sensitive, and are lost nowhere", async () => {
    for (const companion of [
      role("x", "2084P0800X"),
      { resourceType: "Organization", id: "x", name: "Methadone clinic" },
      {
        resourceType: "Location",
        id: "x",
        type: [coded("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "PSYCHF")],
      },
      { resourceType: "HealthcareService", id: "x", specialty: [coded("http://snomed.info/sct", "394587001")] },
    ] as { resourceType: string }[]) {
      const patient = {
        resourceType: "Patient",
        id: "alice",
        generalPractitioner: [{ reference: `${companion.resourceType}/x` }],
      };
      const entry = [patient, companion, doctor].map((resource) => ({ resource }));
      const records = await split({ resourceType: "Bundle", type: "collection", entry });
      for (const { sensitive, resources } of records)
        expect(resources.some(({ id }) => id === "x")).to.equal(sensitive);
      const ids = new Set(records.flatMap(({ resources }) => resources.map(({ id }) => id)));
      expect([...ids].sort()).to.deep.equal(["alice", "doctor", "x"]);
    }
  });
});

describe("splitIntoRecords: classes and doubts", () => {
  it("keeps the classes with the record", async () => {
    const conditions = ["F32", "B20", "I10"].map((code, at) => ({
      resourceType: "Condition",
      id: `c${at}`,
      code: coded("http://hl7.org/fhir/sid/icd-10", code),
    }));
    const records = await split(bundleOf(...conditions));
    expect(records.map(({ category, sensitivities }) => [category, sensitivities])).to.deep.equal([
      ["SUMMARY", []],
      ["SENSITIVE", ["PSY", "HIV"]],
    ]);
  });

  it("lists what is in doubt with its reasons, and takes a person's word for it, also for what follows from it", async () => {
    const weight = observed("weight", { note: [{ text: "was anxious" }] });
    const report = { resourceType: "DiagnosticReport", id: "report", result: to("weight") };
    const certain = { resourceType: "Condition", id: "c", ...DEPRESSION, note: [{ text: "suicidal" }] };
    const input = bundleOf(weight, report, certain);
    const [sensitive] = (await split(input)).filter((record) => record.sensitive);
    expect(sensitive?.resources.map(({ id }) => id)).to.deep.equal(["weight", "report", "c"]);
    expect(sensitive?.doubts.map(({ resource, place, reasons }) => [resource.id, place, reasons])).to.deep.equal([
      [
        "weight",
        "Bundle.entry[1].resource (Observation)",
        [{ sensitivity: "PSY", certain: false, basis: "prose", path: "note[0].text" }],
      ],
    ]);
    const asked: (string | undefined)[] = [];
    const records = await split(input, { isSensitive: ({ resource }) => asked.push(resource.id) === 0 });
    expect(asked).to.deep.equal(["weight"]);
    expect(records.map(({ category, resources }) => [category, ...resources.map(({ id }) => id)])).to.deep.equal([
      ["SUMMARY", "alice"],
      ["OBSERVATION", "weight"],
      ["DIAGNOSTIC", "report"],
      ["SENSITIVE", "c"],
    ]);
  });

  it("heeds that word for a whole document, too", async () => {
    const composition = { resourceType: "Composition", type: coded(LOINC, "60591-5"), title: "Summary" };
    const document = {
      ...bundleOf(),
      type: "document",
      entry: [
        composition,
        { resourceType: "Patient", id: "p" },
        observed("w", { subject: { reference: "Patient/p" }, note: [{ text: "anxious" }] }),
      ].map((resource) => ({ resource })),
    };
    expect((await split(document)).map(({ category, doubts }) => [category, doubts.length])).to.deep.equal([
      ["SENSITIVE", 1],
    ]);
    const [record] = await split(document, { isSensitive: () => false });
    expect([record?.category, record?.doubts.length, record?.sensitivities.length]).to.deep.equal(["SUMMARY", 0, 0]);
  });
});

describe("the shared cases of sensitivity", () => {
  it("have their right values", async function () {
    const files = existsSync(CASES) ? readdirSync(CASES).filter((name) => name.startsWith("sensitive-")) : [];
    if (files.length === 0) {
      console.log(`      no shared cases at ${CASES}: skipped`);
      this.skip();
    }
    for (const name of files) {
      const records = splitIntoRecords(await parseFhirFile(`${CASES}/${name}`, { validate: false }));
      for (const { sensitive, resources } of records)
        for (const { resourceType } of resources)
          expect(sensitive, `${name} ${resourceType}`).to.equal(resourceType !== "Patient");
    }
  });
});

describe("splitIntoRecords: a Patient that is sensitive in part", () => {
  const GENDER_IDENTITY = {
    url: "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity",
    valueCodeableConcept: { text: "transgender woman" },
  };
  const patient = (more: object): object => ({
    resourceType: "Patient",
    id: "p",
    name: [{ family: "Alpha" }],
    birthDate: "1970-01-01",
    ...more,
  });
  const record = async (more: object, options?: SplitOptions): Promise<[string, object[]][]> =>
    (await split({ resourceType: "Bundle", type: "collection", entry: [{ resource: patient(more) }] }, options)).map(
      ({ category, resources }) => [category, [...resources]],
    );
  const SUBSETTED = {
    system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    code: "SUBSETTED",
    display: "subsetted",
  };

  it("is whole among what is SENSITIVE, and without that element, tagged, where everybody finds who it is", async () => {
    const other = { url: "http://example.org/height", valueDecimal: 1.8 };
    const mine = { tag: [{ code: "mine" }], versionId: "7" };
    const all = {
      meta: mine,
      extension: [GENDER_IDENTITY, other],
      text: { status: "additional", div: "<div>HIV</div>" },
    };
    expect(await record(all)).to.deep.equal([
      ["SUMMARY", [patient({ meta: { versionId: "7", tag: [{ code: "mine" }, SUBSETTED] }, extension: [other] })]],
      ["SENSITIVE", [patient(all)]],
    ]);
    expect(await record({ extension: [GENDER_IDENTITY] })).to.deep.equal([
      ["SUMMARY", [patient({ meta: { tag: [SUBSETTED] } })]],
      ["SENSITIVE", [patient({ extension: [GENDER_IDENTITY] })]],
    ]);
  });

  it("keeps the text of every element that is left", async () => {
    const text = `{ "resourceType" : "Patient", "id":"p", "extension":[ ${JSON.stringify(GENDER_IDENTITY)}, {"url":"http://example.org/h","valueDecimal":1.80}],"name":[{"family":"\\u00c4"}] }`;
    const [summary] = splitIntoRecords(await parseFhirText(text, "input", { validate: false }));
    const bytes = new TextDecoder().decode(summary?.bytes);
    expect(bytes).to.include('{"url":"http://example.org/h","valueDecimal":1.80}').and.to.include("\\u00c4");
    expect(bytes).not.to.match(/gender/i);
  });

  it("stays whole where a label restricts all of it, where a person says that it is ordinary, and where it is", async () => {
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
    const labelled = { meta: { security }, extension: [GENDER_IDENTITY] };
    expect(await record(labelled)).to.deep.equal([["SENSITIVE", [patient(labelled)]]]);
    const clinic = { generalPractitioner: [{ reference: "Organization/1", display: "Psychiatric clinic" }] };
    expect((await record(clinic)).map(([category]) => category)).to.deep.equal(["SUMMARY", "SENSITIVE"]);
    expect(await record(clinic, { isSensitive: () => false })).to.deep.equal([["SUMMARY", [patient(clinic)]]]);
    expect(await record({})).to.deep.equal([["SUMMARY", [patient({})]]]);
  });

  it("says who it is in an ordinary record whatever else the resource holds", async () => {
    const value = fc.constantFrom<object>(
      GENDER_IDENTITY,
      { url: "http://example.org/x", valueString: "cocaine" },
      {
        url: "http://example.org/y",
        valueCode: "y",
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 6 }), async (extension) => {
        const records = await record({ extension });
        const [category, [first]] = records[0] as [string, [{ extension?: object[] }]];
        expect(category).to.equal("SUMMARY");
        expect(sensitivityReasonsOf(first as Resource)).to.deep.equal([]);
        expect(first).to.include({ birthDate: "1970-01-01" });
        expect(first.extension ?? []).to.have.length(extension.filter((one) => "valueCode" in one).length);
      }),
      { numRuns: 50 },
    );
  });
});
