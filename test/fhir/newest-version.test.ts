import type { Composition, Provenance } from "@medplum/fhirtypes";
import { expect } from "chai";
import fc from "fast-check";
import { parseFhirText, patientSummary, splitIntoRecords, type SummaryInput } from "../../src/fhir/index.js";

const A = "https://a.example/fhir";
const B = "https://b.example/fhir";
const PATIENT = { resourceType: "Patient", id: "1", birthDate: "1970-01-01" };

interface Entry {
  fullUrl?: string;
  resource?: object;
  request?: object;
  response?: object;
}

/** A Condition in some version; its clinical status tells the versions apart in the summary. */
function condition(clinical: "active" | "resolved", more: object = {}): object {
  const system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
  return {
    ...{ resourceType: "Condition", id: "c", code: { text: "Hypertension" }, subject: { reference: "Patient/1" } },
    clinicalStatus: { coding: [{ system, code: clinical }] },
    ...more,
  };
}

/** The patient of one server, as another one names it. */
const OF_A = { reference: `${A}/Patient/1` };

const at = (lastUpdated: string, versionId?: string): object => ({
  meta: { lastUpdated, ...(versionId === undefined ? {} : { versionId }) },
});
const bundle = (type: string, ...entry: Entry[]): object => ({ resourceType: "Bundle", type, entry });
const patient = (base?: string): Entry => ({
  ...(base === undefined ? {} : { fullUrl: `${base}/Patient/1` }),
  resource: PATIENT,
});
const put: Entry = { request: { method: "PUT", url: "Condition/c" }, response: { status: "200" } };
const removed = (lastModified?: string, url = "Condition/c"): Entry => ({
  fullUrl: `${A}/${url}`,
  request: { method: "DELETE", url },
  response: { status: "204", ...(lastModified === undefined ? {} : { lastModified }) },
});
const history = (...entries: Entry[]): object =>
  bundle("history", ...entries.map((entry) => ({ ...put, fullUrl: `${A}/Condition/c`, ...entry })), {
    ...patient(A),
    request: { method: "PUT", url: "Patient/1" },
    response: { status: "200" },
  });

/** What the summary lists of the Conditions, from inputs that were imported one after another. */
async function listed(...inputs: object[]): Promise<string[]> {
  const records: SummaryInput[] = [];
  for (const input of inputs) records.push(...splitIntoRecords(await parseFhirText(JSON.stringify(input), "input")));
  const { bundle: summary } = patientSummary(records, { date: "2026-11-21T10:00:00Z" });
  const sections = (summary.entry?.[0]?.resource as Composition).section ?? [];
  return sections.flatMap(({ title, text }) =>
    ["Problems", "History of Past Problems"].includes(title ?? "")
      ? [...(text?.div ?? "").matchAll(/<li>(.*?)<\/li>/g)].map(([, line]) => line ?? "")
      : [],
  );
}

describe("a composed summary and versions", () => {
  it("takes the later lastUpdated, whichever record comes first", async () => {
    const old = bundle("searchset", patient(A), {
      fullUrl: `${A}/Condition/c`,
      resource: condition("active", at("2020-01-01T00:00:00Z")),
    });
    const fresh = bundle("searchset", patient(A), {
      fullUrl: `${A}/Condition/c`,
      resource: condition("resolved", at("2024-01-01T00:00:00Z")),
    });
    expect(await listed(old, fresh)).to.deep.equal(["Hypertension (resolved)"]);
    expect(await listed(fresh, old)).to.deep.equal(["Hypertension (resolved)"]);
  });

  it("compares moments, not texts, and versionId as a number", async () => {
    const early = { fullUrl: `${A}/Condition/c`, resource: condition("active", at("2024-01-01T01:00:00+02:00")) };
    const late = { fullUrl: `${A}/Condition/c`, resource: condition("resolved", at("2024-01-01T00:00:00Z")) };
    expect(await listed(bundle("collection", patient(A), early, late))).to.deep.equal(["Hypertension (resolved)"]);
    const version = (versionId: string, clinical: "active" | "resolved"): Entry => ({
      fullUrl: `${A}/Condition/c`,
      resource: condition(clinical, { meta: { versionId } }),
    });
    const [ninth, tenth] = [version("9", "active"), version("10", "resolved")];
    for (const [first, second] of [
      [ninth, tenth],
      [tenth, ninth],
    ] as const) {
      expect(await listed(bundle("collection", patient(A), first, second))).to.deep.equal(["Hypertension (resolved)"]);
      const inputs = [first, second].map((each) => bundle("searchset", patient(A), each));
      expect(await listed(...inputs)).to.deep.equal(["Hypertension (resolved)"]);
    }
  });

  it("takes the order of a history where nothing else is given: the newest stands first", async () => {
    const versions = history({ resource: condition("resolved") }, { resource: condition("active") });
    expect(await listed(versions)).to.deep.equal(["Hypertension (resolved)"]);
  });

  it("takes the later record where nothing else is given", async () => {
    const single = (clinical: "active" | "resolved"): object =>
      bundle("collection", patient(), { resource: condition(clinical) });
    expect(await listed(single("active"), single("resolved"))).to.deep.equal(["Hypertension (resolved)"]);
    expect(await listed(single("resolved"), single("active"))).to.deep.equal(["Hypertension"]);
  });

  it("joins an input with a server's name and one without, where there is one such server", async () => {
    const withServer = bundle("searchset", patient(A), {
      fullUrl: `${A}/Condition/c`,
      resource: condition("active", at("2020-01-01T00:00:00Z")),
    });
    const without = bundle("collection", patient(), { resource: condition("resolved", at("2024-01-01T00:00:00Z")) });
    expect(await listed(withServer, without)).to.deep.equal(["Hypertension (resolved)"]);
  });

  it("never takes one server's resource for an older version of another's", async () => {
    const on = (base: string, what: string): object =>
      bundle("searchset", patient(A), {
        fullUrl: `${base}/Condition/c`,
        resource: condition("active", { code: { text: what }, subject: OF_A, ...at("2020-01-01T00:00:00Z") }),
      });
    expect(await listed(on(A, "Asthma"), on(B, "Diabetes"))).to.deep.equal(["Asthma", "Diabetes"]);
    const plain = (what: string): object =>
      bundle("collection", patient(), { resource: condition("active", { code: { text: what } }) });
    expect(await listed(plain("Asthma"), plain("Diabetes"))).to.deep.equal(["Asthma", "Diabetes"]);
  });

  it("leaves out what its source deleted, also in a later input, with or without times", async () => {
    const known = { resource: condition("active", at("2020-01-01T00:00:00Z")) };
    const before = bundle("searchset", patient(A), { fullUrl: `${A}/Condition/c`, ...known });
    expect(await listed(history(removed("2024-01-01T00:00:00Z"), known))).to.deep.equal([]);
    expect(await listed(history(removed(), known))).to.deep.equal([]);
    expect(await listed(history(removed(), { resource: condition("active") }))).to.deep.equal([]);
    expect(await listed(before, history(removed("2024-01-01T00:00:00Z")))).to.deep.equal([]);
    expect(await listed(history({ ...removed(), ...known }))).to.deep.equal([]);
    const transaction = bundle(
      "transaction",
      { ...patient(A), request: { method: "PUT", url: "Patient/1" } },
      removed(),
    );
    expect(await listed(before, transaction)).to.deep.equal([]);
  });

  it("lists what was created anew after it was deleted, and what another server deleted", async () => {
    const known = (time: string): Entry => ({ resource: condition("active", at(time)) });
    const gone = removed("2022-01-01T00:00:00Z");
    expect(await listed(history(known("2024-01-01T00:00:00Z"), gone, known("2020-01-01T00:00:00Z")))).to.have.length(1);
    expect(
      await listed(history({ resource: condition("active") }, removed(), { resource: condition("resolved") })),
    ).to.deep.equal(["Hypertension"]);
    const later = bundle("searchset", patient(A), { fullUrl: `${A}/Condition/c`, ...known("2024-01-01T00:00:00Z") });
    expect(await listed(history(gone), later)).to.have.length(1);
    const elsewhere = bundle("searchset", patient(A), {
      fullUrl: `${B}/Condition/c`,
      resource: condition("active", { subject: OF_A, ...at("2020-01-01T00:00:00Z") }),
    });
    expect(await listed(elsewhere, history(gone))).to.have.length(1);
  });

  it("takes what a converter names anew each time for one by its business identifier", async () => {
    let uuids = 0;
    const converted = (...conditions: object[]): object =>
      bundle(
        "collection",
        patient(),
        ...conditions.map((resource) => ({
          fullUrl: `urn:uuid:0000000${uuids++}-0000-4000-8000-000000000000`,
          resource: { ...resource, id: undefined },
        })),
      );
    const identified = (clinical: "active" | "resolved", value: string, more: object = {}): object =>
      condition(clinical, { identifier: [{ system: "urn:example:problems", value }], ...more });
    expect(await listed(converted(identified("active", "1")), converted(identified("resolved", "1")))).to.deep.equal([
      "Hypertension (resolved)",
    ]);
    // Another identifier, another subject matter, or one input that tells them apart: two.
    const two = [
      [[identified("active", "1")], [identified("resolved", "2")]],
      [[identified("active", "1")], [identified("resolved", "1", { code: { text: "Asthma" } })]],
      [[identified("active", "1"), identified("resolved", "1")]],
    ];
    for (const inputs of two) {
      expect(await listed(...inputs.map((each) => converted(...each)))).to.have.length(2);
    }
  });

  it("leaves out what was deleted by its identifier, or by a URL that begins with a slash", async () => {
    const known = condition("active", { identifier: [{ system: "urn:example:problems", value: "7" }] });
    const before = bundle("searchset", patient(A), { fullUrl: `${A}/Condition/c`, resource: known });
    const deleting = (url: string): object =>
      bundle(
        "transaction",
        { ...patient(A), request: { method: "PUT", url: "Patient/1" } },
        { request: { method: "DELETE", url } },
      );
    for (const url of ["Condition?identifier=urn:example:problems%7C7", "Condition?identifier=7", "/Condition/c"]) {
      expect(await listed(before, deleting(url)), url).to.deep.equal([]);
    }
    for (const url of [
      "Condition?identifier=urn:example:problems%7C8",
      "Condition?code=x",
      "Condition?code=7",
      "Condition?identifier=7&clinical-status=resolved",
      "Observation?identifier=7",
    ]) {
      expect(await listed(before, deleting(url)), url).to.have.length(1);
    }
  });

  it("lists what a Provenance of anything but a deletion is about", async () => {
    const system = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";
    const did = (coding: object): object => ({
      ...{ resourceType: "Provenance", recorded: "2024-01-01T00:00:00Z", target: [{ reference: "Condition/c" }] },
      ...{ activity: { coding: [coding] }, agent: [{ who: { display: "General Hospital" } }] },
    });
    const told = (coding: object): object =>
      bundle("collection", patient(), { resource: condition("active") }, { resource: did(coding) });
    expect(await listed(told({ system, code: "DELETE" }))).to.deep.equal([]);
    for (const coding of [
      { system, code: "UPDATE" },
      { system: "https://vendor.example/operations", code: "DELETE" },
    ]) {
      expect(await listed(told(coding)), JSON.stringify(coding)).to.deep.equal(["Hypertension"]);
    }
  });

  it("takes a deletion without a time to be no earlier than the newest that came with it", async () => {
    const times = ["2026-01-01", "2026-03-01", "2026-02-01"].map((day) => `${day}T00:00:00Z`);
    const beside = times.map((time, n) => ({
      resource: condition("active", { id: `c${n}`, ...at(time) }),
      request: { method: "PUT", url: `Condition/c${n}` },
    }));
    const input = bundle("transaction", patient(), ...beside, { request: { method: "DELETE", url: "Condition/gone" } });
    const { entries } = await parseFhirText(JSON.stringify(input), "input", { validate: false });
    const periods = entries.map(({ resource }) => (resource as Provenance).occurredPeriod).filter(Boolean);
    expect(periods).to.deep.equal([{ start: times[1] }]);
  });

  it("takes an empty version that was entered in error for one of what has its id", async () => {
    const mistake = {
      ...{ resourceType: "Condition", id: "c", subject: { reference: "Patient/1" } },
      verificationStatus: {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-ver-status", code: "entered-in-error" }],
      },
    };
    const single = (resource: object): object => bundle("collection", patient(), { resource });
    expect(await listed(single(condition("active")), single(mistake))).to.deep.equal([]);
    const [first, second] = ["1", "2"].map((versionId) => ({ meta: { versionId } }));
    expect(await listed(single({ ...mistake, ...second }), single(condition("active", first)))).to.deep.equal([]);
    const other = single({ ...mistake, id: "d" });
    expect(await listed(single(condition("active")), other)).to.deep.equal(["Hypertension"]);
    // Of either of two: neither is left out, whichever comes first.
    const two = [
      single(condition("active")),
      single(condition("active", { code: { text: "Asthma" } })),
      single(mistake),
    ];
    for (const order of [two, [...two].reverse()]) expect(await listed(...order)).to.have.length(2);
  });

  it("gives the same whatever the order of versions that carry their time", async () => {
    const versions = [2020, 2021, 2022, 2023, 2024].map((year) =>
      bundle("searchset", patient(A), {
        fullUrl: `${A}/Condition/c`,
        resource: condition(year === 2024 ? "resolved" : "active", at(`${year}-01-01T00:00:00Z`)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(versions, { minLength: versions.length }), async (order) => {
        expect(await listed(...order)).to.deep.equal(["Hypertension (resolved)"]);
      }),
      { numRuns: 10 },
    );
  });
});
