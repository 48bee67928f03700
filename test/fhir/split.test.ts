import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import type { Resource } from "@medplum/fhirtypes";
import {
  CATEGORIES,
  type FhirRecord,
  parseFhirText,
  type ParsedFhir,
  sensitivitiesOf,
  splitIntoRecords,
  TRAVELLING,
} from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { readFhirJson } from "../../src/fhir/parse.js";
import { referencesOf } from "../../src/fhir/references.js";
import { asBundle, bundleOf, observation, packagedIps, PATIENT, realInputs } from "./real-inputs.js";

const parse = (value: object | string): Promise<ParsedFhir> =>
  parseFhirText(typeof value === "string" ? value : JSON.stringify(value), "input", { validate: false });
const split = async (value: object | string): Promise<FhirRecord[]> => splitIntoRecords(await parse(value));
const typesOf = (record: FhirRecord | undefined): string[] =>
  record?.resources.map(({ resourceType }) => resourceType) ?? [];
const NUMBER = /-?\d+\.\d+(?:[eE][+-]?\d+)?/g;

/** Every resource's text is in some record, and no record holds a text that the input lacks. */
function expectComplete(parsed: ParsedFhir, records: readonly FhirRecord[]): void {
  const texts = new Set(records.flatMap(({ bytes }) => readFhirJson(bytes, "record").entries.map(({ json }) => json)));
  expect([...texts].sort()).to.deep.equal([...new Set(parsed.entries.map(({ json }) => json))].sort());
}

describe("splitIntoRecords on real inputs", () => {
  it("loses no resource and no digit of any Synthea bundle", async function () {
    for (const path of realInputs(this, "synthea")) {
      const parsed = await parseFhirFile(path, { validate: false });
      const records = splitIntoRecords(parsed);
      expectComplete(parsed, records);
      const written = new Set(records.flatMap(({ bytes }) => new TextDecoder().decode(bytes).match(NUMBER) ?? []));
      for (const lexeme of readFileSync(path, "utf8").match(NUMBER) ?? []) expect(written.has(lexeme)).to.equal(true);
    }
  });

  it("makes document-sized records of one encounter and one category, sensitive medicines apart", async function () {
    for (const path of realInputs(this, "synthea", /Bonnie/)) {
      const records = splitIntoRecords(await parseFhirFile(path, { validate: false }));
      const isMedicine = ({ resourceType }: Resource) => /^Medication.|^AllergyIntolerance$/.test(resourceType);
      const kindOf = ({ encounter, category, resources }: FhirRecord) =>
        `${encounter ?? ""} ${category} ${category === "SENSITIVE" && resources.some(isMedicine)}`;
      expect(new Set(records.map(kindOf)).size).to.equal(records.length);
      for (const { category, resources } of records) {
        const others = resources.filter((each) => !isMedicine(each) && !TRAVELLING.has(each.resourceType));
        if (category === "SENSITIVE" && resources.some(isMedicine)) expect(others).to.deep.equal([]);
      }
      expect(Math.max(...records.map(({ resources }) => resources.length))).to.be.below(40);
      for (const { category, encounter, resources } of records) {
        const visits = resources.filter(({ resourceType }) => resourceType === "Encounter");
        expect(visits.length).to.be.at.most(1);
        if (category === "CARE" && encounter !== undefined) expect(visits).to.have.length(1);
      }
    }
  });

  it("puts what is sensitive, and all that refers to it, in SENSITIVE records alone", async function () {
    let sensitive = 0;
    for (const path of realInputs(this, "synthea")) {
      const parsed = await parseFhirFile(path, { validate: false });
      const records = splitIntoRecords(parsed);
      sensitive += records.filter((record) => record.sensitive).length;
      const names = new Map(parsed.entries.map(({ fullUrl, resource }) => [fullUrl, resource]));
      for (const { resources } of records.filter((record) => !record.sensitive)) {
        for (const resource of resources) {
          expect(sensitivitiesOf(resource)).to.deep.equal([]);
          const targets = referencesOf(resource).flatMap((reference) => names.get(reference) ?? []);
          for (const target of targets)
            if (target.resourceType !== "Encounter") expect(sensitivitiesOf(target)).to.deep.equal([]);
        }
      }
    }
    expect(sensitive).to.be.above(20);
  });

  it("finds the opioid abuse, the depression screening and the HIV test of the Synthea patients", async function () {
    const codes = new Set<string>();
    for (const path of realInputs(this, "synthea")) {
      for (const record of splitIntoRecords(await parseFhirFile(path, { validate: false }))) {
        if (record.category !== "SENSITIVE") continue;
        for (const code of new TextDecoder().decode(record.bytes).match(/"code":"\d{6,18}"/g) ?? [])
          codes.add(code.slice(8, -1));
      }
    }
    expect(codes).to.include.all.keys("5602001", "171207006", "31676001");
  });

  it("keeps an IPS document whole, byte for byte", async () => {
    const categories: string[] = [];
    for (const path of packagedIps(/\/Bundle-/)) {
      const [record, another] = splitIntoRecords(await parseFhirFile(path, { validate: false }));
      expect(another).to.equal(undefined);
      expect(Buffer.from(record?.bytes ?? [])).to.deep.equal(
        Buffer.from(
          readFileSync(path, "utf8")
            .replace(/^\uFEFF/, "")
            .trim(),
        ),
      );
      categories.push(record?.category ?? "");
    }
    // One of the five says how much its patient drinks.
    expect(categories.sort()).to.deep.equal(["SENSITIVE", "SUMMARY", "SUMMARY", "SUMMARY", "SUMMARY"]);
  });

  it("makes one record of every single resource about a patient", async function () {
    let count = 0;
    for (const path of realInputs(this, "hl7", /\/(?!Bundle)[^/]*$/)) {
      const parsed = await parseFhirFile(path, { validate: false }).catch(() => undefined);
      if (!parsed) continue;
      const records = splitIntoRecords(parsed);
      expect(records).to.have.length(1);
      expectComplete(parsed, records);
      count += 1;
    }
    expect(count).to.be.above(90);
  });
});

describe("splitIntoRecords", () => {
  const practitioner = { resourceType: "Practitioner", id: "p", identifier: [{ system: "s", value: "9" }] };
  const encounter = {
    resourceType: "Encounter",
    id: "e",
    status: "finished",
    class: { code: "AMB" },
    period: { start: "2026-03-04T10:00:00Z" },
  };

  it("writes each number as it was written", async () => {
    const lexemes = ["1.00", "0.10", "100", "1E3", "-0.0", "3.14159265358979323846", "12345678901234567890.5", "1e-7"];
    const resources = lexemes.map((lexeme) =>
      JSON.stringify(observation({ valueQuantity: { value: "@" } })).replace('"@"', lexeme),
    );
    const entries = [JSON.stringify(PATIENT), ...resources].map((json) => `{"resource":${json}}`).join(" ,\n ");
    const text = `{"resourceType":"Bundle","type":"collection","entry":[${entries}]}`;
    const records = await split(text.replaceAll("urn:uuid:alice", "Patient/alice"));
    const bytes = new TextDecoder().decode(records.find(({ category }) => category === "OBSERVATION")?.bytes);
    expect(bytes.match(/(?<="value":)[^}]+/g)).to.deep.equal(lexemes);
  });

  it("gives the same bytes for the same input, as a Bundle of type collection that parses", async () => {
    const input = bundleOf(observation(), encounter);
    const [one, two] = [await split(input), await split(input)];
    expect(one.map(({ bytes }) => bytes)).to.deep.equal(two.map(({ bytes }) => bytes));
    for (const { bytes, resources, mediaType } of one) {
      const bundle = asBundle(bytes);
      expect([bundle.resourceType, bundle.type, mediaType]).to.deep.equal([
        "Bundle",
        "collection",
        "application/fhir+json",
      ]);
      expect(bundle.entry?.map(({ resource }) => resource)).to.deep.equal(resources);
      expect(bundle.entry?.every(({ fullUrl }) => fullUrl?.startsWith("urn:uuid:"))).to.equal(true);
    }
  });

  it("sends companions along, also through each other and by conditional reference", async () => {
    const role = {
      resourceType: "PractitionerRole",
      organization: { reference: "urn:uuid:r3" },
      practitioner: { reference: "Practitioner/p" },
    };
    const organization = { resourceType: "Organization", name: "General Hospital" };
    const records = await split(
      bundleOf(role, practitioner, organization, observation({ performer: [{ reference: "urn:uuid:r1" }] }), {
        resourceType: "Procedure",
        performer: [{ actor: { reference: "Practitioner?active=true&identifier=s|9" } }],
      }),
    );
    expect(records.map((record) => [record.category, ...typesOf(record)])).to.deep.equal([
      ["SUMMARY", "Patient"],
      ["OBSERVATION", "PractitionerRole", "Practitioner", "Organization", "Observation"],
      ["CARE", "Practitioner", "Procedure"],
    ]);
  });

  it("sends a Binary along with the attachment that names it", async () => {
    const binary = { resourceType: "Binary", id: "scan", contentType: "image/png", data: "aGVsbG8=" };
    const document = {
      resourceType: "DocumentReference",
      status: "current",
      content: [{ attachment: { url: "Binary/scan" } }],
    };
    const records = await split(bundleOf(binary, document));
    expect(typesOf(records.find(({ category }) => category === "CARE"))).to.deep.equal(["Binary", "DocumentReference"]);
  });

  it("gives a companion that nothing refers to a record by its own category", async () => {
    const records = await split(bundleOf({ resourceType: "Medication" }, { resourceType: "Organization" }));
    expect(records.map(({ category }) => category)).to.deep.equal(["SUMMARY", "MEDICATION", "CARE"]);
  });

  it("groups by encounter, wherever a type names it, and titles by its day", async () => {
    const at = { reference: "urn:uuid:r1" };
    const records = await split(
      bundleOf(
        encounter,
        observation({ encounter: at }),
        { resourceType: "MedicationAdministration", context: at },
        { resourceType: "DocumentReference", context: { encounter: [at] } },
        { resourceType: "Claim", item: [{ encounter: [at] }, { encounter: [at] }] },
        { resourceType: "Provenance", target: [{ reference: "urn:uuid:r2" }] },
        observation(),
        observation({ encounter: { reference: "Encounter/elsewhere" } }),
        observation({ encounter: { reference: "urn:uuid:alice" } }),
        { resourceType: "Claim", item: [{ encounter: [at] }, { encounter: [{ reference: "Encounter/other" }] }] },
      ),
    );
    expect(records.map((record) => [record.encounter, record.category, record.resources.length])).to.deep.equal([
      [undefined, "SUMMARY", 1],
      ["urn:uuid:r1", "CARE", 3],
      ["urn:uuid:r1", "OBSERVATION", 1],
      ["urn:uuid:r1", "MEDICATION", 1],
      ["urn:uuid:r1", "FINANCIAL", 1],
      [undefined, "OBSERVATION", 2],
      ["Encounter/elsewhere", "OBSERVATION", 1],
      [undefined, "FINANCIAL", 1],
    ]);
    expect(records[1]?.title).to.equal("Care, 2026-03-04");
  });

  it("makes SENSITIVE what points at something sensitive, and not what happened at the same visit", async () => {
    const depression = {
      resourceType: "Condition",
      code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: "F32" }] },
    };
    const visit = { ...encounter, reasonReference: [{ reference: "urn:uuid:r1" }] };
    const weight = observation({ encounter: { reference: "urn:uuid:r2" } });
    const report = { resourceType: "DiagnosticReport", result: [{ reference: "urn:uuid:r3" }] };
    const records = await split(bundleOf(depression, visit, weight, report, observation()));
    expect(records.map(({ category, resources, sensitive }) => [category, resources.length, sensitive])).to.deep.equal([
      ["SUMMARY", 1, false],
      ["SENSITIVE", 1, true],
      ["SENSITIVE", 1, true],
      ["OBSERVATION", 1, false],
      ["DIAGNOSTIC", 1, false],
      ["OBSERVATION", 1, false],
    ]);
  });

  it("makes everything SENSITIVE where the Bundle as a whole is labelled", async () => {
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "V" }];
    const records = await split({ ...bundleOf(observation()), meta: { security } });
    expect(records.map(({ category }) => category)).to.deep.equal(["SENSITIVE"]);
  });

  it("keeps every resource of any Bundle, whatever refers to whatever", async () => {
    const types = fc.constantFrom(
      "Observation",
      "Condition",
      "Encounter",
      "Practitioner",
      "Organization",
      "Medication",
      "Claim",
      "Provenance",
      "MolecularSequence",
    );
    const reference = fc.record({ reference: fc.nat(14).map((at) => `urn:uuid:r${at}`) });
    const code = fc.constantFrom("F32", "J45");
    const resource = fc.record({
      resourceType: types,
      encounter: reference,
      target: fc.array(reference, { maxLength: 2 }),
      performer: fc.array(reference, { maxLength: 3 }),
      code: code.map((one) => ({ coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: one }] })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(resource, { maxLength: 12 }), async (resources) => {
        const unique = resources.map((one, at) => ({ ...one, id: `n${at}` }));
        const parsed = await parse(bundleOf(...unique));
        const records = splitIntoRecords(parsed);
        expectComplete(parsed, records);
        for (const record of records) {
          expect(CATEGORIES).to.include(record.category);
          expect(record.sensitive).to.equal(record.category === "SENSITIVE");
          if (!record.sensitive) expect(record.resources.flatMap(sensitivitiesOf)).to.deep.equal([]);
          expect(record.sensitivities.length > 0).to.equal(record.sensitive);
        }
      }),
      { numRuns: 300 },
    );
  });
});
