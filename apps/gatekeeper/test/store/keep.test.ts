import { expect } from "chai";
import type { Visible } from "../../src/store/visible.js";
import { deletionOf, importOf, coded, LOINC, SNOMED } from "./inputs.js";
import { onEachDatabase, type Opened } from "./places.js";

const patient = { resourceType: "Patient", id: "p1", name: [{ family: "Rossi" }] };
const weight = {
  ...{ resourceType: "Observation", id: "weight", status: "final" },
  code: coded(LOINC, "29463-7"),
  subject: { reference: "Patient/p1" },
};
const depression = {
  ...{ resourceType: "Condition", id: "depression" },
  code: coded(SNOMED, "35489007"),
  subject: { reference: "Patient/p1" },
};
const ordinary: Visible = (["SUMMARY", "OBSERVATION", "CARE"] as const).map((category) => ({
  patient: 1,
  category,
  confidential: false,
}));

onEachDatabase("What a store keeps", (open) => {
  let opened: Opened;
  before(async () => {
    opened = await open();
  });
  beforeEach(() => opened.empty());

  it("gives a resource a new version when it says something else, and none when it says the same", async () => {
    const { store } = opened;
    expect(await store.put(1, importOf(patient, weight))).to.deep.equal({ changed: 2, deleted: 0, unchanged: 0 });
    const first = (await store.read("Observation", "weight", "everything"))!;
    const again = { ...weight, meta: { versionId: "9", lastUpdated: "2030-01-01T00:00:00Z" } };
    expect(await store.put(1, importOf(patient, again))).to.deep.equal({ changed: 0, deleted: 0, unchanged: 2 });
    expect(await store.read("Observation", "weight", "everything")).to.deep.equal(first);

    await store.put(1, importOf({ ...weight, status: "amended" }));

    const versions = (await store.history("Observation", "weight", "everything"))!;
    expect(versions.map(({ json }) => (JSON.parse(json!) as { status: string }).status)).to.deep.equal([
      "amended",
      "final",
    ]);
    expect(versions[1]).to.deep.equal(first);
    expect(await store.vread("Observation", "weight", first.versionId, "everything")).to.deep.equal(first);
    expect(await store.vread("Observation", "weight", "1", "everything")).to.equal(undefined);
  });

  it("keeps every number as it was written", async () => {
    const { store } = opened;
    const [entry] = importOf(weight).entries;
    const json = entry!.json.replace("{", '{"valueQuantity":{"value":1.00},');
    await store.put(1, { ...importOf(), entries: [{ ...entry!, json, resource: JSON.parse(json) as never }] });
    expect((await store.read("Observation", "weight", "everything"))!.json).to.contain('"value":1.00');
  });

  it("leaves out what is older than what is there", async () => {
    const { store } = opened;
    await store.put(1, importOf({ ...weight, status: "amended", meta: { lastUpdated: "2024-01-02T00:00:00Z" } }));
    await store.put(1, importOf({ ...weight, meta: { lastUpdated: "2024-01-01T00:00:00Z" } }));
    expect(await store.history("Observation", "weight", "everything")).to.have.length(1);
  });

  it("tells a deletion to those who saw what was deleted, and takes it back when the resource comes again", async () => {
    const { store } = opened;
    await store.put(1, importOf(patient, weight, depression));
    await store.put(1, importOf(patient, deletionOf("Observation/weight", "Condition/depression")));

    expect(await store.read("Observation", "weight", ordinary)).to.include({ json: undefined });
    expect(await store.read("Condition", "depression", ordinary)).to.equal(undefined);
    expect(await store.read("Condition", "depression", "everything")).to.include({ json: undefined });
    expect(
      (await store.history("Observation", "weight", ordinary))!.map(({ json }) => json === undefined),
    ).to.deep.equal([true, false]);
    expect((await store.search({ type: "Observation", parameters: [] }, ordinary)).entries).to.have.length(0);

    await store.put(1, importOf(weight));
    expect((await store.read("Observation", "weight", ordinary))!.json).to.be.a("string");
    expect(await store.history("Observation", "weight", ordinary)).to.have.length(3);
  });

  it("hides today what became sensitive today, with all that it was", async () => {
    const { store } = opened;
    await store.put(1, importOf(patient, weight));
    expect(await store.history("Observation", "weight", ordinary)).to.have.length(1);
    const panel = {
      ...{ resourceType: "Observation", id: "panel", status: "final", code: coded(LOINC, "44249-1") },
      hasMember: [{ reference: "Observation/weight" }],
    };
    await store.put(1, importOf(panel));
    expect(await store.read("Observation", "weight", ordinary)).to.equal(undefined);
    expect(await store.history("Observation", "weight", ordinary)).to.equal(undefined);
  });

  it("shows no former version that was sensitive", async () => {
    const { store } = opened;
    const diary = { ...depression, id: "problem" };
    await store.put(1, importOf(patient, diary));
    await store.put(1, importOf({ ...diary, code: coded(SNOMED, "195967001") }));
    expect(await store.history("Condition", "problem", ordinary)).to.have.length(1);
    expect(await store.history("Condition", "problem", "everything")).to.have.length(2);
  });

  it("shows of single records no former version that would widen them", async () => {
    const { store } = opened;
    const dated = (date: string): object => ({ ...weight, effectiveDateTime: date });
    await store.put(1, importOf(patient, dated("2010-05-01")));
    await store.put(1, importOf(dated("2020-05-01")));
    const records = await store.records(1);
    const { number, first } = records.find(({ category }) => category === "OBSERVATION")!;
    expect(new Date(first!).toISOString()).to.equal("2020-05-01T00:00:00.000Z");
    const kind = { patient: 1, category: "OBSERVATION", confidential: false } as const;
    expect(await store.history("Observation", "weight", [{ ...kind, records: [number] }])).to.have.length(1);
    expect(await store.history("Observation", "weight", [kind])).to.have.length(2);
    expect(await store.read("Observation", "weight", [{ ...kind, records: [number + 1] }])).to.equal(undefined);
    // A number of another kind opens nothing.
    expect(await store.read("Observation", "weight", [{ ...kind, category: "CARE", records: [number] }])).to.equal(
      undefined,
    );
    // Who saw a single record isn't told of a deletion: it could have been of what that one never saw.
    await store.put(1, importOf(deletionOf("Observation/weight")));
    expect(await store.read("Observation", "weight", [{ ...kind, records: [number] }])).to.equal(undefined);
    expect(await store.read("Observation", "weight", [kind])).to.include({ json: undefined });
  });

  it("shows a Patient without what is sensitive to those who may not see that, and searches what each sees", async () => {
    const { store } = opened;
    const known = {
      ...patient,
      gender: "female",
      generalPractitioner: [{ reference: "Organization/1", display: "Psychiatric clinic" }],
    };
    await store.put(1, importOf(known, weight));
    const [whole, part] = await Promise.all([
      store.read("Patient", "p1", "everything"),
      store.read("Patient", "p1", ordinary),
    ]);
    expect(whole!.json).to.contain("Psychiatric");
    expect(part!.json).to.contain("Rossi").and.not.contain("Psychiatric");
    const search = (visible: Visible) =>
      store
        .search({ type: "Patient", parameters: [["_tag", "SUBSETTED"]] }, visible)
        .then(({ entries }) => entries.length);
    expect([await search("everything"), await search(ordinary)]).to.deep.equal([0, 1]);
    expect(await store.history("Patient", "p1", "everything")).to.have.length(1);
    // What changes in the sensitive part is no change of the other.
    await store.put(
      1,
      importOf({
        ...known,
        generalPractitioner: [{ reference: "Organization/1", display: "Psychiatric clinic, 2nd floor" }],
      }),
    );
    expect(await store.read("Patient", "p1", ordinary)).to.deep.equal(part);
    expect(await store.history("Patient", "p1", "everything")).to.have.length(2);
  });

  it("shows a practitioner as far as a record that may be seen refers to one, in that patient's words", async () => {
    const { store } = opened;
    const doctor = { resourceType: "Practitioner", id: "d", name: [{ family: "Weber" }] };
    const seen = { ...weight, performer: [{ reference: "Practitioner/d" }] };
    await store.put(1, importOf(patient, seen, doctor));
    await store.put(
      2,
      importOf({ ...seen, id: "weight2", subject: { reference: "Patient/p2" } }, { ...doctor, active: true }),
    );
    expect((await store.read("Practitioner", "d", ordinary))!.json).to.not.contain("active");
    expect((await store.read("Practitioner", "d", "everything"))!.json).to.contain("active");
    expect(
      await store.read("Practitioner", "d", [{ patient: 1, category: "FINANCIAL", confidential: false }]),
    ).to.equal(undefined);
  });

  it("refuses a patient's resource under the name of another's, and keeps nothing of that import", async () => {
    const { store } = opened;
    await store.put(1, importOf(patient, weight));
    const other = { ...weight, subject: { reference: "Patient/p2" } };
    const error = await store.put(2, importOf({ ...patient, id: "p2" }, other)).catch((thrown: unknown) => thrown);
    expect(error).to.include({ name: "Refused", code: "conflict", what: "Observation/weight" });
    expect(await store.read("Patient", "p2", "everything")).to.equal(undefined);
    const same = await store.put(2, importOf(patient)).catch((thrown: unknown) => thrown);
    expect(same).to.include({ code: "conflict", what: "Patient/p1" });
  });

  it("names resources and references of a transaction as a server does", async () => {
    const { store } = opened;
    const uuid = "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
    const bundle = {
      ...{ resourceType: "Bundle", type: "transaction" },
      entry: [
        { fullUrl: `urn:uuid:${uuid}`, resource: { resourceType: "Patient", name: [{ family: "Rossi" }] } },
        { fullUrl: "urn:uuid:f1", resource: { ...weight, subject: { reference: `urn:uuid:${uuid}` } } },
      ],
    };
    const { readFhirJson } = await import("chartchain/fhir");
    await store.put(1, { ...importOf(), ...readFhirJson(JSON.stringify(bundle), "test") });
    const { entries } = await store.search(
      { type: "Observation", parameters: [["patient", `Patient/${uuid}`]] },
      "everything",
    );
    expect(entries.map(({ id }) => id)).to.deep.equal(["weight"]);
    expect(entries[0]!.json).to.contain(`"reference":"Patient/${uuid}"`);
  });

  it("heeds the label of a Bundle around a resource, also when more data comes", async () => {
    const { store } = opened;
    const { readFhirJson } = await import("chartchain/fhir");
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "HIV" }];
    const bundle = { resourceType: "Bundle", type: "collection", meta: { security }, entry: [{ resource: weight }] };
    await store.put(1, { ...importOf(), ...readFhirJson(JSON.stringify(bundle), "test") });
    await store.put(1, importOf(patient));
    expect(await store.read("Observation", "weight", ordinary)).to.equal(undefined);
    const [sensitive] = (await store.records(1)).filter(({ category }) => category === "SENSITIVE");
    expect(sensitive!.classes).to.deep.equal(["HIV"]);
  });

  it("keeps the number of a record while it is the same record", async () => {
    const { store } = opened;
    await store.put(1, importOf(patient, weight));
    const before = await store.records(1);
    await store.put(1, importOf({ ...weight, id: "weight-2" }, depression));
    const after = await store.records(1);
    expect(after.map(({ number }) => number)).to.include.members(before.map(({ number }) => number));
    expect(after).to.have.length(before.length + 1);
  });
});
