import { expect } from "chai";
import type { ParsedFhir } from "../../src/fhir/index.js";
import { parseFhirText } from "../../src/fhir/index.js";
import { bundleOf, errorOf, observation, PATIENT } from "./real-inputs.js";

const parse = (value: object): Promise<ParsedFhir> => parseFhirText(JSON.stringify(value), "input");
const codeOf = async (value: object): Promise<string> => (await errorOf(() => parse(value))).code;
const about = (subject: object): object => bundleOf(observation({ subject }));

describe("the patient of a Bundle", () => {
  it("is required, even where a reference names one", async () => {
    const entry = [{ fullUrl: "urn:uuid:o", resource: observation({ subject: { reference: "Patient/alice" } }) }];
    expect(await codeOf({ resourceType: "Bundle", type: "searchset", entry })).to.equal("NO_PATIENT");
  });

  it("is one person", async () => {
    expect(await codeOf(bundleOf({ resourceType: "Patient", id: "bob" }))).to.equal("MULTIPLE_PATIENTS");
    const twin = { ...PATIENT, id: "twin", birthDate: "1980-01-01" };
    expect(await codeOf(bundleOf(twin))).to.equal("MULTIPLE_PATIENTS");
    const inner = {
      resourceType: "Bundle",
      type: "searchset",
      entry: [{ resource: { resourceType: "Patient", id: "bob" } }],
    };
    expect(await codeOf(bundleOf(inner))).to.equal("MULTIPLE_PATIENTS");
  });

  it("may come in several versions, as in a history, or twice under one identifier", async () => {
    const corrected = { ...PATIENT, birthDate: "1974-05-21", identifier: [{ system: "urn:example:mrn", value: "X" }] };
    expect((await parse(bundleOf(corrected))).patient.names).to.include("identifier:urn:example:mrn|X");
    expect((await parse(bundleOf({ ...PATIENT, id: "duplicate" }))).patient.reference).to.equal("urn:uuid:alice");
  });

  it("is recognised by fullUrl, id, version, conditional reference and identifier", async () => {
    for (const subject of [
      { reference: "urn:uuid:alice" },
      { reference: "Patient/alice" },
      { reference: "Patient/alice/_history/3" },
      { reference: "https://hospital.example.org/fhir/Patient/alice" },
      { reference: "Patient?identifier=urn:example:mrn|MRN-77001" },
      { reference: "Patient?identifier=urn%3Aexample%3Amrn%7CMRN-77001" },
      { type: "Patient", identifier: { system: "urn:example:mrn", value: "MRN-77001" } },
      { type: "Patient", identifier: { system: "urn:example:other", value: "1" } },
      { display: "the patient" },
    ]) {
      expect((await parse(about(subject))).patient.reference).to.equal("urn:uuid:alice");
    }
  });

  it("is the one that every resource is about", async () => {
    for (const subject of [
      { reference: "Patient/bob" },
      { reference: "urn:uuid:somebody-else" },
      { reference: "https://hospital.example.org/fhir/Patient/bob" },
      { reference: "Patient?identifier=urn:example:mrn|OTHER" },
      { type: "Patient", identifier: { system: "urn:example:mrn", value: "OTHER" } },
    ]) {
      expect(await codeOf(about(subject)), JSON.stringify(subject)).to.equal("FOREIGN_PATIENT");
    }
  });

  it("is not confused with the same id on another server", async () => {
    const bundle = (subject: string): object => ({
      resourceType: "Bundle",
      type: "collection",
      entry: [
        { fullUrl: "https://one.example.org/Patient/alice", resource: PATIENT },
        {
          fullUrl: "https://one.example.org/Observation/1",
          resource: observation({ subject: { reference: subject } }),
        },
      ],
    });
    expect(await codeOf(bundle("https://two.example.org/Patient/alice"))).to.equal("FOREIGN_PATIENT");
    expect((await parse(bundle("Patient/alice"))).entries).to.have.length(2);
  });

  it("says where the other patient is referred to, without saying who", async () => {
    const error = await errorOf(() => parse(about({ reference: "Patient/Quibbleworth" })));
    expect(error.details["place"]).to.equal("Bundle.entry[1].resource (Observation).subject");
    expect(error.message).not.to.contain("Quibbleworth");
  });

  it("is looked for in nested Bundles, contained resources and deeper elements", async () => {
    const foreign = observation({ subject: { reference: "Patient/bob" } });
    const response = { status: "200" };
    const inner = {
      resourceType: "Bundle",
      type: "batch-response",
      entry: [{ response }, { resource: foreign, response }],
    };
    expect(await codeOf(bundleOf(inner))).to.equal("FOREIGN_PATIENT");
    const contained = { contained: [{ resourceType: "Patient", id: "p" }], subject: { reference: "#p" } };
    expect(await codeOf(bundleOf(observation(contained)))).to.equal("FOREIGN_PATIENT");
    const group = {
      resourceType: "Group",
      type: "person",
      actual: true,
      member: [{ entity: { reference: "Patient/bob" } }],
    };
    expect(await codeOf(bundleOf(group))).to.equal("FOREIGN_PATIENT");
  });

  it("may stand beside other people who act, and other subjects that are no person", async () => {
    await parse(bundleOf(observation({ performer: [{ reference: "Patient/bob" }] })));
    await parse(about({ reference: "Group/g" }));
    const contained = { contained: [{ ...PATIENT, id: "p" }], subject: { reference: "#p" } };
    await parse(bundleOf(observation(contained)));
    const group = { resourceType: "Group", type: "person", actual: true };
    await parse(bundleOf(group, observation({ subject: { reference: "urn:uuid:r1" } })));
  });
});

describe("the patient of a single resource", () => {
  it("is named by its reference", async () => {
    const named = async (subject: object): Promise<string> => (await parse(observation({ subject }))).patient.reference;
    expect(await named({ reference: "Patient/alice/_history/2" })).to.equal("Patient/alice");
    expect(await named({ reference: "https://h.example.org/Patient/a" })).to.equal("https://h.example.org/Patient/a");
    expect(await named({ reference: "urn:uuid:a", type: "Patient" })).to.equal("urn:uuid:a");
    expect(await named({ reference: "Patient?identifier=s|v" })).to.equal("Patient?identifier=s|v");
    expect(await named({ type: "Patient", identifier: { system: "s", value: "v" } })).to.equal(
      "Patient?identifier=s|v",
    );
  });

  it("may be contained", async () => {
    const { patient } = await parse(
      observation({ contained: [{ ...PATIENT, id: "p" }], subject: { reference: "#p" } }),
    );
    expect(patient).to.deep.include({ reference: "#p", names: ["identifier:urn:example:mrn|MRN-77001"] });
  });

  it("is missing where nothing of a patient is said", async () => {
    expect(await codeOf({ resourceType: "Organization", name: "General Hospital" })).to.equal("NO_PATIENT");
    expect(await codeOf({ resourceType: "Medication", code: { text: "Water" } })).to.equal("NO_PATIENT");
    expect(await codeOf(observation({ subject: { reference: "Device/1" } }))).to.equal("NO_PATIENT");
    expect(await codeOf(observation({ subject: { reference: "#none" } }))).to.equal("NO_PATIENT");
    expect(await codeOf(observation({ subject: { display: "somebody" } }))).to.equal("NO_PATIENT");
  });

  it("is one person", async () => {
    const member = ["alice", "bob"].map((id) => ({ entity: { reference: `Patient/${id}` } }));
    expect(await codeOf({ resourceType: "Group", type: "person", actual: true, member })).to.equal("MULTIPLE_PATIENTS");
  });
});
