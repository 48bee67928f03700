import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Patient, Reference, Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import fc from "fast-check";

import { type Actor, backupOf, createDevnet, fixture, relate } from "../../../../devnet/index.js";
import { parseFhirText } from "../../../../src/fhir/index.js";
import type { Client } from "../../../../src/sdk/index.js";
import { importFhirFile } from "../../../../src/sdk/node/index.js";
import { findBytes } from "../../../vault/processes.js";
import { bytes, expectCode } from "../../helpers.js";

const SSN = "http://hl7.org/fhir/sid/us-ssn";
/** What no person was ever given, as test data have it. */
const [ALICES, BOBS] = ["999-48-8934", "999-00-1111"];
const MRN = "https://hospital.example/id/mrn";
const ID = "5c3d1e4a-7d0b-4f7c-9a52-3d1f0c6a2b11";
const SERVER = "https://hospital.example/fhir";

const alice: Patient = {
  resourceType: "Patient",
  id: ID,
  identifier: [
    { system: SSN, value: ALICES },
    { system: MRN, value: "A-1" },
  ],
  name: [{ family: "Novák", given: ["Alice"] }],
  gender: "female",
  birthDate: "1970-02-03",
};
type Subject = Reference<Patient>;
const weight = (subject: Subject, kilograms = 60): Resource => ({
  ...{ resourceType: "Observation", status: "final", subject },
  code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
  valueQuantity: { value: kilograms, unit: "kg" },
});
const bundle = (...entry: { resource: Resource; fullUrl?: string }[]): string =>
  JSON.stringify({ resourceType: "Bundle", type: "collection", entry });

describe("what an input without a Patient says of its patient", () => {
  const load = fixture(async () => {
    const world = await createDevnet();
    const [clinic, somebody] = [await world.institution("City Clinic"), await world.patient("somebody")];
    await relate(clinic, somebody);
    return Object.assign(world, { clinic, somebody });
  });
  after(async () => (await load()).close());

  let number = 0;
  type World = Awaited<ReturnType<typeof load>>;
  const importing = async (world: World, content: string | Resource, override?: string) => {
    const path = join(world.folder, `said-${number++}.json`);
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    const reason = override === undefined ? {} : { override };
    return importFhirFile(world.clinic.client, { patient: world.somebody.id, path, ...reason });
  };
  const adding = (client: Client, { id }: Actor, resource: Resource | string) => {
    const content = bytes(typeof resource === "string" ? resource : JSON.stringify(resource));
    return client.addRecord({ patient: id, category: "SUMMARY", content });
  };
  /** A chart that knows its person, seen on a server. */
  const known = async (): Promise<World> => {
    const world = await load();
    const fullUrl = `${SERVER}/Patient/${ID}`;
    await importing(world, bundle({ fullUrl, resource: alice }));
    return world;
  };
  const refused = async (world: World, resource: Resource | string, differs: string[]) => {
    const errors = [
      await expectCode("CHART_CONTRADICTED", importing(world, resource)),
      await expectCode("CHART_CONTRADICTED", adding(world.clinic.client, world.somebody, resource)),
    ];
    for (const error of errors) {
      expect(error.details["differs"]).to.deep.equal(differs);
      expect(error.details["worklistItem"]).to.be.a("number");
      for (const value of [BOBS, BOBS.replaceAll("-", ""), ID]) expect(JSON.stringify(error)).not.to.include(value);
    }
  };
  const foreign: [what: string, resource: Resource, differs: string[]][] = [
    ["a number that is another's", weight({ identifier: { system: SSN, value: BOBS } }), ["identifier"]],
    [
      "the patient's id and another's number",
      weight({ reference: `Patient/${ID}`, identifier: { system: SSN, value: BOBS } }),
      ["identifier"],
    ],
    ["another record number of one hospital", weight({ identifier: { system: MRN, value: "B-2" } }), ["identifier"]],
    ["a search for another's number", weight({ reference: `Patient?identifier=${SSN}|${BOBS}` }), ["identifier"]],
    [
      "a beneficiary's number that is another's",
      {
        ...{ resourceType: "Coverage", status: "active", payor: [{ display: "An insurer" }] },
        beneficiary: { identifier: { system: SSN, value: BOBS } },
      },
      ["identifier"],
    ],
    [
      "another number in a contained Patient",
      {
        ...weight({ reference: "#p" }),
        contained: [{ resourceType: "Patient", id: "p", birthDate: "1961-04-17" }],
      } as Resource,
      ["birthDate"],
    ],
    ["another id of a server that the patient has one of", weight({ reference: `${SERVER}/Patient/bob` }), ["id"]],
  ];
  for (const [what, resource, differs] of foreign) {
    it(`is somebody else's with ${what}: it waits on the worklist`, async () => {
      const world = await known();
      const { recordCount } = await world.clinic.client.overviewOf({ patient: world.somebody.id });
      await refused(world, resource, differs);
      expect((await world.clinic.client.overviewOf({ patient: world.somebody.id })).recordCount).to.equal(recordCount);
    });
  }

  it("is overridden with a reason, and known from then on", async () => {
    const world = await known();
    const other = weight({ reference: `${SERVER}/Patient/former` });
    await importing(world, other, "the hospital merged the two");
    const [decision] = (await world.clinic.client.listDecisions()).slice(-1);
    expect(decision).to.deep.include({ kind: "override", about: { patient: world.somebody.id, differs: ["id"] } });
    await adding(world.clinic.client, world.somebody, weight({ reference: `${SERVER}/Patient/former` }, 61));
  });

  it("is the patient's with a number or an id that was seen before", async () => {
    const world = await known();
    const subjects: Subject[] = [
      { identifier: { system: SSN, value: ALICES.replaceAll("-", "") } },
      { identifier: { system: MRN, value: "A-1" }, display: "Novak, Alice" },
      { reference: `${SERVER}/Patient/${ID}` },
      { reference: `${SERVER.replace("https", "http")}/Patient/${ID}/_history/2` },
      { reference: `Patient/${ID}` },
      { reference: `urn:uuid:${ID}` },
      // A new provider's id, with a number that says whose it is.
      { reference: "https://new.example/fhir/Patient/7", identifier: { system: SSN, value: ALICES } },
      { reference: "https://new.example/fhir/Patient/7" },
    ];
    for (const [at, subject] of subjects.entries()) {
      const { warnings } = await importing(world, weight(subject, at));
      expect(warnings, JSON.stringify(subject)).to.deep.equal([]);
      expect(await adding(world.clinic.client, world.somebody, weight(subject, at))).not.to.have.property("warnings");
    }
  });

  const unseen: [reference: Subject, named: string][] = [
    [{ reference: "Patient/0000-bob" }, "Patient/0000-bob"],
    [{ reference: `https://other.example/fhir/Patient/${ID}` }, "https://other.example/fhir/Patient/"],
    [{ reference: "urn:uuid:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee" }, "urn:uuid:aaaa"],
    [{ identifier: { system: "https://new.example/id", value: "7" } }, "https://new.example/id"],
    [{ identifier: { system: "https://other.example/id", value: "A-1" } }, "https://other.example/id"],
  ];
  for (const [subject, named] of unseen) {
    it(`is told of where nothing ties it to the patient: ${named}`, async () => {
      const world = await known();
      const alone = await adding(world.clinic.client, world.somebody, weight(subject));
      expect(alone.warnings?.join()).to.include(`Observation.subject`).and.include(named).and.include("retract");
      await world.clinic.client.retractRecord({ digest: alone.digest, reason: "somebody else's" });
      const { warnings, records } = await importing(world, weight(subject, 61));
      expect(warnings).to.have.length(1);
      expect(warnings.join()).to.include(named);
      expect(
        records.every((record) => record.warnings === undefined),
        "told once",
      ).to.equal(true);
      expect((await importing(world, weight(subject, 62))).warnings, "seen before").to.deep.equal([]);
    });
  }

  it("is no matter in a chart that knows nobody, and counts from then on", async () => {
    const world = await load();
    const first = await importing(world, weight({ reference: "https://a.example/fhir/Patient/1" }));
    expect(first.warnings).to.deep.equal([]);
    await refused(world, weight({ reference: "https://a.example/fhir/Patient/2" }), ["id"]);
    expect((await importing(world, weight({ reference: "https://b.example/fhir/Patient/1" }))).warnings).to.have.length(
      1,
    );
  });

  it("takes a name for people as a hint", async () => {
    const world = await known();
    const document = (display: string): Resource => ({
      ...{ resourceType: "DocumentReference", status: "current", content: [{ attachment: { title: display } }] },
      subject: { reference: `Patient/${ID}`, display },
    });
    // A word alone may be a name that the patient has besides.
    for (const display of ["Alice Novak", "Mrs. NOVAK", "Mrs. Berg", "Patient 3", "Новак Алиса"]) {
      expect((await importing(world, document(display))).warnings, display).to.deep.equal([]);
    }
    for (const display of ["Ilves, Bob (born 1961-04-17)", "Novak, Bob (born 1961-04-17)"]) {
      const { warnings } = await importing(world, document(display));
      expect(warnings.join(), display).to.include("DocumentReference.subject.display").and.not.include("Bob");
    }
  });

  it("follows a whole input: another id of a Patient who is the same person is no doubt in any record of it", async () => {
    const world = await known();
    const fullUrl = `${SERVER}/Patient/twice`;
    const encounter: Resource = {
      ...{ resourceType: "Encounter", id: "e", status: "finished", class: { code: "AMB" } },
      subject: { reference: "Patient/twice" },
    };
    const { records, warnings } = await importing(
      world,
      bundle(
        { resource: encounter, fullUrl: `${SERVER}/Encounter/e` },
        { resource: { ...alice, id: "twice" }, fullUrl },
      ),
    );
    expect(records.length).to.be.greaterThan(1);
    expect(warnings).to.deep.equal([]);
    await refused(world, bundle({ resource: { resourceType: "Patient", id: "x" }, fullUrl: `${SERVER}/Patient/x` }), [
      "id",
    ]);
  });

  it("contradicts nothing where the whole was only looked at, and nothing of it added", async () => {
    const world = await load();
    const { client } = world.clinic;
    const bobs = weight({ reference: `${SERVER}/Patient/bob`, identifier: { system: SSN, value: BOBS } });
    const parsed = await parseFhirText(JSON.stringify(bobs), "bob.json");
    await client.admitFhir({ patient: world.somebody.id, parsed });
    const hers = weight({ reference: `${SERVER}/Patient/${ID}`, identifier: { system: SSN, value: ALICES } });
    await adding(client, world.somebody, hers);
    await expectCode("CHART_CONTRADICTED", adding(client, world.somebody, bobs));
  });

  it("is sealed, in backups, and forgotten with the record that taught it", async () => {
    const world = await known();
    const { clinic, somebody } = world;
    const { digest } = await adding(
      clinic.client,
      somebody,
      weight({ reference: "https://clinic.example/fhir/Patient/77", identifier: { system: SSN, value: ALICES } }),
    );
    expect(findBytes(clinic.home, [bytes("clinic.example/fhir"), bytes(ALICES)])).to.deep.equal([false, false]);
    const other = () =>
      adding(clinic.client, somebody, weight({ reference: "https://clinic.example/fhir/Patient/78" }));
    await expectCode("CHART_CONTRADICTED", other());
    const restored = await world.actor("restored", { backup: await backupOf(clinic) });
    expect(restored.vault.people.list()).to.deep.equal(clinic.vault.people.list());
    await clinic.client.retractRecord({ digest, reason: "somebody else's" });
    expect(JSON.stringify(clinic.vault.people.list())).not.to.include("clinic.example");
    expect((await other()).warnings).to.have.length(1);
  });

  it("never puts another's number beside the patient's, in whatever form or place it stands (fuzzed)", async () => {
    const world = await known();
    const figures = fc.integer({ min: 0, max: 999_999_999 }).map((n) => String(n).padStart(9, "0"));
    const others = figures.filter((n) => n !== ALICES.replaceAll("-", "") && !/^(.)\1{8}$/.test(n));
    const written = others.chain((n) => fc.constantFrom(n, `${n.slice(0, 3)}-${n.slice(3, 5)}-${n.slice(5)}`));
    const systems = fc.constantFrom(SSN, "urn:oid:2.16.840.1.113883.4.1", "HTTP://hl7.org/fhir/sid/us-ssn/");
    await fc.assert(
      fc.asyncProperty(written, systems, fc.boolean(), async (value, system, hasId) => {
        const subject = { ...(hasId && { reference: `Patient/${ID}` }), identifier: { system, value } };
        await expectCode("CHART_CONTRADICTED", adding(world.clinic.client, world.somebody, weight(subject)));
      }),
      { numRuns: 40 },
    );
  });
});
