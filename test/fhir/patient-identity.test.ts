import { expect } from "chai";
import fc from "fast-check";
import type { ChartChainError } from "../../src/errors/index.js";
import { type ParsedFhir, parseFhirText, splitIntoRecords } from "../../src/fhir/index.js";
import { isResourceType } from "../../src/fhir/resource-types.js";
import { bundleOf, errorOf, observation, PATIENT } from "./real-inputs.js";

const parse = (value: object): Promise<ParsedFhir> => parseFhirText(JSON.stringify(value), "input");
const codeOf = async (value: object): Promise<string> => (await errorOf(() => parse(value))).code;
const about = (subject: object): object => bundleOf(observation({ subject }));

describe("the patient of a Bundle", () => {
  it("is whom every subject names, where the Patient resource is not there", async () => {
    const without = (...subjects: object[]): object => ({
      resourceType: "Bundle",
      type: "collection",
      entry: subjects.map((subject) => ({ resource: observation({ subject }) })),
    });
    const alice = { reference: "Patient/alice" };
    const number = { identifier: { system: "urn:example:mrn", value: "MRN-77001" } };
    for (const [subject, reference] of [
      [alice, "Patient/alice"],
      [{ reference: "urn:uuid:1b90dd2b-2dab-4c75-9bb9-a355e07401e8" }, "urn:uuid:1b90dd2b-2dab-4c75-9bb9-a355e07401e8"],
      [number, "Patient?identifier=urn:example:mrn|MRN-77001"],
    ] as const) {
      expect((await parse(without(subject, subject))).patient.reference).to.equal(reference);
    }
    expect((await parse(without(alice, { reference: "Patient/alice/_history/2" }))).entries).to.have.length(2);
    const uuid = "1b90dd2b-2dab-4c75-9bb9-a355e07401e8";
    for (const forms of [
      [`urn:uuid:${uuid}`, `Patient/${uuid}`],
      [`Patient/${uuid}`, `urn:uuid:${uuid}`],
    ]) {
      const subjects = forms.map((reference) => ({ reference }));
      expect((await parse(without(...subjects))).patient.reference).to.equal(forms[0]);
    }
    expect(await codeOf(without(alice, { reference: "Patient/bob" }))).to.equal("MULTIPLE_PATIENTS");
    expect(await codeOf(without(alice, number))).to.equal("MULTIPLE_PATIENTS");
    expect(await codeOf(without(alice, { display: "Alice" }))).to.equal("FOREIGN_PATIENT");
    expect(await codeOf(without({ display: "Alice" }))).to.equal("NO_PATIENT");
    const organization = { resourceType: "Organization", name: "General Hospital" };
    expect(await codeOf({ resourceType: "Bundle", type: "batch", entry: [{ resource: organization }] })).to.equal(
      "NO_PATIENT",
    );
  });

  it("may be named by a UUID also where an element's type isn't a person, if the reference says so", async () => {
    const reference = "urn:uuid:1b90dd2b-2dab-4c75-9bb9-a355e07401e8";
    const seen = (uuid: string): object =>
      observation({ subject: { reference }, focus: [{ reference: uuid, type: "Patient" }] });
    expect((await parse(seen(reference))).patient.reference).to.equal(reference);
    expect(await codeOf(seen(reference.replace("1", "2")))).to.equal("FOREIGN_PATIENT");
  });

  it("is whom the records of an input name, read back one by one", async () => {
    const condition = { resourceType: "Condition", subject: { reference: "urn:uuid:alice" } };
    const records = splitIntoRecords(await parse(bundleOf(observation(), condition)));
    expect(records.length).to.be.above(1);
    for (const { bytes } of records) {
      expect((await parseFhirText(bytes, "record")).patient.reference).to.equal("urn:uuid:alice");
    }
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

  it("may come in several versions, or twice under one identifier, but with one birth date", async () => {
    const mrn = { system: "urn:example:mrn", value: "X" };
    const versions = (changes: object): object => ({
      resourceType: "Bundle",
      type: "history",
      entry: [PATIENT, { ...PATIENT, ...changes }].map((resource, at) => ({
        fullUrl: "https://hospital.example.org/fhir/Patient/alice",
        resource: { ...resource, meta: { versionId: String(at) } },
        request: { method: "PUT", url: "Patient/alice" },
        response: { status: "200" },
      })),
    });
    const added = { identifier: [...PATIENT.identifier, mrn], gender: "female" };
    expect((await parse(versions(added))).patient.names).to.include("identifier:urn:example:mrn|X");
    const married = versions({ name: [{ family: "Alpha", given: ["Alice", "Zenobia"] }] });
    expect((await parse(married)).patient.warnings).to.deep.equal(["the family name differs"]);
    expect((await parse(bundleOf({ ...PATIENT, id: "duplicate" }))).patient.reference).to.equal("urn:uuid:alice");
    expect(await codeOf(versions({ birthDate: "1974-05-21" }))).to.equal("MULTIPLE_PATIENTS");
    expect(await codeOf(bundleOf({ ...PATIENT, birthDate: "1974-05-21" }))).to.equal("MULTIPLE_PATIENTS");
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
      { reference: "Patient?identifier=MRN-77001" },
      { reference: "Patient?_id=alice" },
      { reference: "https://hospital.example.org/fhir/Patient?_id=alice" },
      { identifier: { system: "urn:example:mrn", value: "MRN-77001" } },
      { reference: "Patient/alice", identifier: { system: "urn:example:other", value: "1" } },
    ]) {
      expect((await parse(about(subject))).patient.reference).to.equal("urn:uuid:alice");
    }
  });

  it("is recognised by the UUID that it has as fullUrl", async () => {
    const uuid = "63fdc317-27ae-4f30-97d9-0f58915fbb8c";
    const bundle = (reference: string): object => ({
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        {
          fullUrl: `urn:uuid:${uuid}`,
          resource: { resourceType: "Patient" },
          request: { method: "POST", url: "Patient" },
        },
        { resource: observation({ subject: { reference } }), request: { method: "POST", url: "Observation" } },
      ],
    });
    expect((await parse(bundle(`Patient/${uuid}`))).entries).to.have.length(2);
    expect(await codeOf(bundle(`Patient/${uuid.replace("6", "7")}`))).to.equal("FOREIGN_PATIENT");
  });

  it("is the one that every resource is about", async () => {
    for (const subject of [
      { reference: "Patient/bob" },
      { reference: "urn:uuid:somebody-else" },
      { reference: "https://hospital.example.org/fhir/Patient/bob" },
      { reference: "Patient?identifier=urn:example:mrn|OTHER" },
      { type: "Patient", identifier: { system: "urn:example:mrn", value: "OTHER" } },
      { identifier: { system: "urn:example:mrn", value: "OTHER" } },
      { type: "Patient", identifier: { system: "urn:example:other", value: "1" } },
      { reference: "Patient/alice", identifier: { system: "urn:example:mrn", value: "OTHER" } },
      { reference: "Patient?_id=bob" },
      { reference: "Patient?identifier=OTHER" },
      { reference: "Patient?identifier=urn:example:mrn|MRN-77001&_id=bob" },
    ]) {
      expect(await codeOf(about(subject)), JSON.stringify(subject)).to.equal("FOREIGN_PATIENT");
    }
  });

  it("is nobody whom a subject names in a form that can't be read", async () => {
    for (const subject of [
      { reference: "/Patient/alice" },
      { reference: "Patient/alice/" },
      { reference: " Patient/alice" },
      { reference: "./Patient/alice" },
      { reference: "patient/alice" },
      { reference: "Patient//alice" },
      { reference: "Patient/alice#name" },
      { reference: "Patient/alice?x=1" },
      { reference: "Patient/alice/Observation/1" },
      { reference: "Patient/CV:111:SECT:2" },
      { reference: "Patient/al_ice" },
      { reference: "Patient/%61lice" },
      { reference: "Patient?" },
      { reference: "Patient?name=Quibbleworth" },
      { reference: "Patient?identifier:not=urn:example:mrn|OTHER" },
      { reference: "Patient?identifier=urn:example:mrn|MRN-77001,urn:example:mrn|OTHER" },
      { reference: "Patient?identifier=urn:example:mrn|" },
      { reference: "Patient?identifier=|MRN-77001" },
      { reference: "alice" },
      { reference: "#alice" },
      { reference: "#" },
      { reference: "" },
      { reference: "Device/1", type: "Patient" },
      { reference: "/Patient/alice", type: "Device" },
      { reference: "RelatedPerson/mother" },
      { type: "RelatedPerson", identifier: { system: "urn:example:mrn", value: "OTHER" } },
      { reference: "urn:uuid:6d6d6d6d-0000-4000-8000-000000000000" },
      { reference: "https://hospital.example.org/people/7" },
      { reference: "1/Group/g" },
      { identifier: { value: "MRN-77001" } },
      { identifier: { system: "urn:example:mrn" } },
      { display: "Alice Quibbleworth" },
      { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "masked" }] },
    ]) {
      const input = JSON.stringify(about(subject));
      const error = await errorOf(() => parseFhirText(input, "input", { validate: false }));
      expect(error.code, JSON.stringify(subject)).to.equal("FOREIGN_PATIENT");
      expect(error.message).not.to.match(/Quibbleworth|MRN-77001/);
    }
  });

  it("is taken in no form that isn't one of its own", async () => {
    const form = fc.oneof(
      fc.string(),
      fc.string().map((text) => `Patient/${text}`),
      fc.string().map((text) => `Patient?${text}`),
      fc.string().map((text) => `Patient?identifier=${text}`),
      fc.string().map((text) => `https://b.example/fhir/Patient/${text}`),
      fc.tuple(fc.string({ maxLength: 2 }), fc.string({ maxLength: 2 })).map(([a, b]) => `${a}Patient/1${b}`),
      fc.uuid().map((uuid) => `urn:uuid:${uuid}`),
    );
    const own = /^(https:\/\/a\.example\/fhir\/)?(Patient\/1(\/_history\/[^/?#\s]+)?|Patient\?_id=1(&[^#]*)?)$/;
    const entry = (resource: object, at: number): object => ({
      fullUrl: `https://a.example/fhir/${at === 0 ? "Patient/1" : "Observation/9"}`,
      resource,
    });
    await fc.assert(
      fc.asyncProperty(form, fc.boolean(), async (reference, typed) => {
        const subject = { reference, ...(typed ? { type: "Patient" } : {}) };
        const resources = [{ resourceType: "Patient", id: "1", birthDate: "1970-01-01" }, observation({ subject })];
        const input = JSON.stringify({ resourceType: "Bundle", type: "collection", entry: resources.map(entry) });
        const parsed = await parseFhirText(input, "input", { validate: false }).catch(
          ({ code }: ChartChainError) => code,
        );
        const type = /^(?:https?:\/\/[^?#\s]+\/)?([A-Za-z]+)[/?]/.exec(reference)?.[1];
        if (own.test(reference)) return;
        // What can't be a patient is no matter.
        if (!typed && type !== undefined && type !== "Patient" && isResourceType(type)) return;
        expect(parsed, JSON.stringify(subject)).to.equal("FOREIGN_PATIENT");
      }),
    );
  });

  it("is taken in no shape that isn't a Reference, and nothing but a refusal comes of one", async () => {
    const keys = fc.constantFrom("reference", "identifier", "type", "system", "value", "display", "extension");
    const shape = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }));
    await fc.assert(
      fc.asyncProperty(shape, async (subject) => {
        const input = JSON.stringify(bundleOf(observation({ subject })));
        const parsed = await parseFhirText(input, "input", { validate: false }).catch(
          ({ code }: ChartChainError) => code,
        );
        const given = Array.isArray(subject) ? (subject as unknown[]).flat(9) : [subject];
        // A property that no reader of JSON may see is refused before anybody asks whose data it is.
        const refusals = input.includes("__proto__") ? ["FOREIGN_PATIENT", "INVALID_RESOURCE"] : ["FOREIGN_PATIENT"];
        if (given.some((one) => one !== null && one !== undefined)) expect(refusals, input).to.include(parsed);
        else expect(parsed, input).not.to.equal(undefined);
      }),
    );
  });

  it("is not confused with the same id on another server", async () => {
    const [one, two] = ["https://one.example.org", "https://two.example.org"];
    const bundle = (patient: string | undefined, from: string | undefined, reference: string): object => ({
      resourceType: "Bundle",
      type: "collection",
      entry: [
        { ...(patient && { fullUrl: `${patient}/Patient/alice` }), resource: PATIENT },
        { ...(from && { fullUrl: `${from}/Observation/1` }), resource: observation({ subject: { reference } }) },
      ],
    });
    for (const [patient, from, reference] of [
      [one, one, `${two}/Patient/alice`],
      [one, two, "Patient/alice"],
      [one, two, "Patient/alice/_history/1"],
      [one, two, "Patient?_id=alice"],
      [one, one, `${two}/Patient?_id=alice`],
      [one, undefined, `${two}/Patient/alice`],
    ] as const) {
      expect(await codeOf(bundle(patient, from, reference)), reference).to.equal("FOREIGN_PATIENT");
    }
    for (const [patient, from, reference] of [
      [one, one, "Patient/alice"],
      [one, two, `${one}/Patient/alice`],
      [one, undefined, "Patient/alice"],
      [undefined, one, "Patient/alice"],
      [undefined, undefined, `${two}/Patient/alice`],
    ] as const) {
      expect((await parse(bundle(patient, from, reference))).entries).to.have.length(2);
    }
    const both = {
      resourceType: "Bundle",
      type: "collection",
      entry: [
        { resource: PATIENT },
        ...[one, two].map((base) => ({
          fullUrl: `${base}/Observation/1`,
          resource: observation({ subject: { reference: "Patient/alice" } }),
        })),
      ],
    };
    expect(await codeOf(both)).to.equal("FOREIGN_PATIENT");
  });

  it("is not another Patient of the same id on another server", async () => {
    const other = { ...PATIENT, identifier: [], birthDate: "1985-05-05" };
    const entry = [PATIENT, other].map((resource, at) => ({
      fullUrl: `https://${at}.example.org/Patient/alice`,
      resource,
    }));
    const input = JSON.stringify({ resourceType: "Bundle", type: "collection", entry });
    expect((await errorOf(() => parseFhirText(input, "input", { validate: false }))).code).to.equal(
      "MULTIPLE_PATIENTS",
    );
  });

  it("is not somebody who shares a number and contradicts otherwise", async () => {
    const card = { system: "http://ns.electronichealth.net.au/id/medicare-number", value: "3278851195" };
    const licence = { system: "urn:oid:2.16.840.1.113883.4.3.25", value: "S99912345" };
    for (const identifier of [card, licence]) {
      const people = ["male", "female"].map((gender, at) => ({
        resourceType: "Patient",
        id: `p${at}`,
        identifier: [identifier],
        name: [{ family: at === 0 ? "Alpha" : "Beta" }],
        gender,
        birthDate: "1970-01-01",
      }));
      const entry = people.map((resource) => ({ resource }));
      expect(await codeOf({ resourceType: "Bundle", type: "collection", entry })).to.equal("MULTIPLE_PATIENTS");
    }
    const subject = { identifier: card };
    expect(await codeOf(bundleOf({ ...observation({ subject }) }))).to.equal("FOREIGN_PATIENT");
  });

  it("is looked for inside Parameters and their parts, and in contained resources", async () => {
    const bob = { resourceType: "Patient", id: "bob", birthDate: "1985-05-05" };
    const foreign = observation({ subject: { reference: "Patient/bob" } });
    const parameters = (...parameter: object[]): object => bundleOf({ resourceType: "Parameters", parameter });
    expect(await codeOf(parameters({ name: "MemberPatient", resource: bob }))).to.equal("MULTIPLE_PATIENTS");
    expect(await codeOf(parameters({ name: "list", part: [{ name: "one", resource: bob }] }))).to.equal(
      "MULTIPLE_PATIENTS",
    );
    expect(await codeOf(parameters({ name: "one", resource: foreign }))).to.equal("FOREIGN_PATIENT");
    expect(await codeOf(parameters({ name: "patient", valueReference: { reference: "Patient/bob" } }))).to.equal(
      "FOREIGN_PATIENT",
    );
    expect(await codeOf(parameters({ name: "subject", valueReference: { display: "Bob" } }))).to.equal(
      "FOREIGN_PATIENT",
    );
    await parse(parameters({ name: "organization", valueReference: { display: "General Hospital" } }));
    await parse(parameters({ name: "one", resource: observation() }));

    const contained = { ...foreign, id: "o" };
    const holding = observation({ contained: [contained], hasMember: [{ reference: "#o" }] });
    expect(await codeOf(bundleOf(holding))).to.equal("FOREIGN_PATIENT");
    expect((await errorOf(() => parse(holding))).code).to.equal("MULTIPLE_PATIENTS");
    const inside = { ...PATIENT, contained: [{ ...observation({ subject: { reference: "#" } }), id: "o" }] };
    expect(
      (await parse({ resourceType: "Bundle", type: "collection", entry: [{ resource: inside }] })).patient.names,
    ).to.include("Patient/alice");
    const deep = { resourceType: "Parameters", parameter: [{ name: "one", resource: holding }] };
    expect(await codeOf(bundleOf(deep))).to.equal("FOREIGN_PATIENT");
    const list = {
      resourceType: "List",
      status: "current",
      mode: "working",
      entry: [{ item: { reference: "Patient/bob" } }],
    };
    expect(await codeOf(bundleOf(list))).to.equal("FOREIGN_PATIENT");
  });

  it("says where the other patient is referred to, without saying who", async () => {
    const entry = ["Alice", "Quibbleworth"].map((id) => ({
      resource: observation({ subject: { reference: `Patient/${id}` } }),
    }));
    const two = await errorOf(() => parse({ resourceType: "Bundle", type: "collection", entry }));
    expect([two.code, two.details["places"]]).to.deep.equal([
      "MULTIPLE_PATIENTS",
      [0, 1].map((at) => `Bundle.entry[${at}].resource (Observation).subject`),
    ]);
    expect(two.message).not.to.contain("Quibbleworth");
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
    const friend = { resourceType: "Patient", id: "friend", name: [{ family: "Beta" }], birthDate: "1985-05-05" };
    const performing = observation({ contained: [friend], performer: [{ reference: "#friend" }] });
    expect((await parse(bundleOf(performing))).entries).to.have.length(2);
    // What nothing refers to could be anything.
    const input = JSON.stringify(bundleOf(observation({ contained: [friend] })));
    const unread = await errorOf(() => parseFhirText(input, "input", { validate: false }));
    expect([unread.code, unread.details["place"]]).to.deep.equal([
      "FOREIGN_PATIENT",
      "Bundle.entry[1].resource (Observation).contained[0] (Patient)",
    ]);
    const contained = { contained: [{ ...PATIENT, id: "p" }], subject: { reference: "#p" } };
    await parse(bundleOf(observation(contained)));
    const group = { resourceType: "Group", type: "person", actual: true };
    await parse(bundleOf(group, observation({ subject: { reference: "urn:uuid:r1" } })));
  });

  it("has the numbers of one system, by which another patient is known where also a room could stand", async () => {
    const schedule = (system: string): object =>
      bundleOf({ resourceType: "Schedule", actor: [{ identifier: { system, value: "OTHER" } }] });
    expect(await codeOf(schedule("urn:example:mrn"))).to.equal("FOREIGN_PATIENT");
    expect((await parse(schedule("urn:example:rooms"))).entries).to.have.length(2);
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
    expect(await named({ identifier: { system: "s", value: "v" } })).to.equal("Patient?identifier=s|v");
    expect(await named({ reference: "urn:uuid:a" })).to.equal("urn:uuid:a");
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
    for (const token of [
      "7",
      "|7",
      "urn:example:mrn|",
      "http://ns.electronichealth.net.au/id/medicare-number|3278851195",
    ]) {
      const reference = `Patient?identifier=${token}`;
      expect(await codeOf(observation({ subject: { reference } })), token).to.equal("NO_PATIENT");
    }
    const card = { system: "http://ns.electronichealth.net.au/id/medicare-number", value: "3278851195" };
    expect(await codeOf(observation({ subject: { identifier: card } }))).to.equal("NO_PATIENT");
    expect(
      await codeOf(observation({ subject: { type: "Device", identifier: { system: "s", value: "v" } } })),
    ).to.equal("NO_PATIENT");
  });

  it("is one person", async () => {
    const member = ["alice", "bob"].map((id) => ({ entity: { reference: `Patient/${id}` } }));
    expect(await codeOf({ resourceType: "Group", type: "person", actual: true, member })).to.equal("MULTIPLE_PATIENTS");
  });
});
