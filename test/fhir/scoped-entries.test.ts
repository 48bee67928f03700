import { expect } from "chai";
import fc from "fast-check";

import { inScope, readFhirJson, renamed, type ScopedEntry, type SourceScope } from "../../src/fhir/index.js";
import { bundleBytes } from "../../src/fhir/record-bytes.js";

const scopeOf = (source: string): SourceScope => ({
  base: `https://${source}.chartchain.invalid`,
  uuidOf: (name) => `urn:uuid:${source}:${name}`,
});
const [A, B] = [scopeOf("a"), scopeOf("b")];

/** A record of resources, each as text, with its fullUrl if it has one. */
const entriesOf = (...members: (readonly [json: string, fullUrl?: string | undefined])[]) =>
  readFhirJson(
    bundleBytes(members.map(([json, fullUrl]) => ({ json, ...(fullUrl === undefined ? {} : { fullUrl }) }))),
    "record",
  ).entries;

const PATIENT = '{"resourceType":"Patient","id":"1"}';
const observation = (reference: string, more = "") =>
  `{"resourceType":"Observation","id":"2", "subject" : {"reference": ${JSON.stringify(reference)}},"valueQuantity":{"value":1.00}${more}}`;

/** How FHIR finds what a reference names: https://hl7.org/fhir/R4/bundle.html#references */
function subjectOf(all: readonly ScopedEntry[], { fullUrl, json }: ScopedEntry): ScopedEntry | undefined {
  const { reference } = (JSON.parse(json) as { subject: { reference: string } }).subject;
  const base = /^(https?:\/\/.+\/)[A-Za-z]+\/[^/]+$/.exec(fullUrl)?.[1];
  const sought = /^[a-z]+:/.test(reference) ? reference : `${base}${reference}`;
  return all.find((entry) => entry.fullUrl === sought);
}

describe("entries of several sources", () => {
  it("that all count from 1 stay apart, and their texts as they were written", () => {
    const input = entriesOf([PATIENT], [observation("Patient/1")]);
    const [a, b] = [inScope(input, A, "x"), inScope(input, B, "x")];
    expect(a.map(({ fullUrl }) => fullUrl)).to.deep.equal([
      "https://a.chartchain.invalid/fhir/Patient/1",
      "https://a.chartchain.invalid/fhir/Observation/2",
    ]);
    expect(a.map(({ json }) => json)).to.deep.equal([PATIENT, observation("Patient/1")]);
    for (const own of [a, b]) expect(subjectOf([...a, ...b], own[1]!)).to.equal(own[0]);
  });

  it("that have the same UUIDs stay apart", () => {
    const person = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
    const input = entriesOf(['{"resourceType":"Patient"}', person], [observation(person), "urn:uuid:5cbc"]);
    const [a, b] = [inScope(input, A, "x"), inScope(input, B, "x")];
    for (const own of [a, b]) expect(subjectOf([...a, ...b], own[1]!)).to.equal(own[0]);
    expect(a[1]!.json, "but for the reference").to.equal(observation(`urn:uuid:a:${person}`));
  });

  it("that claim one server stay apart, and say which it was", () => {
    const server = "https://hospital.example/r4";
    const input = entriesOf([PATIENT, `${server}/Patient/1`], [observation("Patient/1"), `${server}/Observation/2`]);
    const [a, b] = [inScope(input, A, "x"), inScope(input, B, "x")];
    expect(a[0]!.fullUrl).to.equal("https://a.chartchain.invalid/https/hospital.example/r4/Patient/1");
    expect(a[1]!.json, "a relative reference means its entry's server").to.equal(observation("Patient/1"));
    for (const own of [a, b]) expect(subjectOf([...a, ...b], own[1]!)).to.equal(own[0]);
  });

  it("find what another record of the same source holds", () => {
    for (const [name, reference] of [
      ["urn:uuid:1", "urn:uuid:1"],
      ["https://hospital.example/Patient/1", "https://hospital.example/Patient/1"],
      [undefined, "Patient/1"],
    ] as const) {
      const [patient] = inScope(entriesOf([PATIENT, name]), A, "x");
      const [other] = inScope(entriesOf([observation(reference)]), A, "y");
      expect(subjectOf([patient!, other!], other!), reference).to.equal(patient);
    }
  });

  it("name in full what a relative reference couldn't lead to", () => {
    const [, under] = inScope(entriesOf([PATIENT, "urn:uuid:1"], [observation("Patient/1")]), A, "x");
    expect(under!.json, "the Patient has a UUID for its name").to.equal(observation("urn:uuid:a:urn:uuid:1"));
    const [without] = inScope(entriesOf([observation("Patient/1"), "urn:uuid:2"]), A, "x");
    expect(without!.json).to.equal(observation("https://a.chartchain.invalid/fhir/Patient/1"));
  });

  it("keep the version that a reference names", () => {
    const versioned = "https://hospital.example/Patient/1/_history/3";
    const [entry] = inScope(entriesOf([observation(versioned)]), A, "x");
    expect(entry!.json).to.equal(
      observation("https://a.chartchain.invalid/https/hospital.example/Patient/1/_history/3"),
    );
    const [relative] = inScope(entriesOf([observation("Patient/1/_history/3")]), A, "x");
    expect(relative!.json).to.equal(observation("Patient/1/_history/3"));
  });

  it("leave what is no such reference: fragments, searches, texts, URLs of definitions", () => {
    for (const kept of ["#1", "Practitioner?identifier=urn:x|1"]) {
      const [entry] = inScope(entriesOf([observation(kept), "urn:uuid:1"]), A, "x");
      expect(entry!.json).to.equal(observation(kept));
    }
    const more = String.raw`,"note":[{"text":"say \"reference\":\"urn:uuid:1\" \\"}],"extension":[{"url":"https://hospital.example/Patient/1","valueString":"\u00e9"}]`;
    const [entry] = inScope(entriesOf([observation("#1", more)]), A, "x");
    expect(entry!.json).to.equal(observation("#1", more));
  });

  it("follow an attachment to its Binary", () => {
    const media = (url: string) => `{"resourceType":"Media","id":"3","content":{"url":"${url}"}}`;
    const [, entry] = inScope(entriesOf(['{"resourceType":"Binary"}', "urn:uuid:1"], [media("Binary/9")]), A, "x");
    expect(entry!.json, "relative, under the source's base").to.equal(media("Binary/9"));
    const [absolute] = inScope(entriesOf([media("https://hospital.example/Binary/9")]), A, "x");
    expect(absolute!.json).to.equal(media("https://a.chartchain.invalid/https/hospital.example/Binary/9"));
  });

  it("without a name get one of their record's", () => {
    const nameless = '{"resourceType":"Basic"}';
    const names = ["x", "y"].flatMap((record) =>
      inScope(entriesOf([nameless], [nameless]), A, record).map(({ fullUrl }) => fullUrl),
    );
    expect(new Set(names).size).to.equal(4);
    // Nor is an id that FHIR doesn't know one.
    const [odd] = inScope(entriesOf(['{"resourceType":"Basic","id":"a b"}']), A, "x");
    expect(odd!.fullUrl).to.equal("urn:uuid:a:x#0");
  });

  it("can take another name, and then name in full what they refer to", () => {
    const [, entry] = inScope(entriesOf([PATIENT], [observation("Patient/1")]), A, "x");
    const other = renamed(entry!, "urn:uuid:other");
    expect(other.fullUrl).to.equal("urn:uuid:other");
    expect(other.json).to.equal(observation("https://a.chartchain.invalid/fhir/Patient/1"));
  });

  it("change in their references alone, whatever else stands in them", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom('"', "\\", '\\"', '"reference":"urn:uuid:1"', "urn:uuid:1", "Patient/1", "{", "]"),
    );
    const name = fc
      .oneof(fc.constantFrom("reference", "url", "a", 're"ference', ""), text)
      .filter((it) => it !== "__proto__");
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "xsmall" },
        ...[text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(true, false, null)],
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(name, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    const spaces = fc.constantFrom(undefined, 1, "\t");
    const renamedTree = (node: unknown, key?: string): unknown => {
      if (typeof node === "string") {
        return key === "reference" && /^urn:(uuid|oid):/i.test(node)
          ? `urn:uuid:a:${node}`
          : key === "reference" && node === "Patient/1"
            ? "https://a.chartchain.invalid/fhir/Patient/1"
            : node;
      }
      if (Array.isArray(node)) return node.map((item) => renamedTree(item));
      if (typeof node !== "object" || node === null) return node;
      return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, renamedTree(value, name)]));
    };
    fc.assert(
      fc.property(tree, spaces, (extension, space) => {
        const resource = { resourceType: "Basic", extension: extension ?? null };
        const json = JSON.stringify(resource, undefined, space);
        const [entry] = inScope(entriesOf([json, "urn:uuid:0"]), A, "x");
        expect(JSON.parse(entry!.json)).to.deep.equal(renamedTree(JSON.parse(json)));
      }),
    );
  });
});
