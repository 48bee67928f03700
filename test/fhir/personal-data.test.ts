import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import { type PersonalTokenKind, personalTokens } from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { PATIENT, realInputs } from "./real-inputs.js";

const valuesOf = (kind: PersonalTokenKind, ...resources: object[]): string[] =>
  personalTokens(resources as Resource[])
    .filter((token) => token.kind === kind)
    .map(({ value }) => value);

describe("personalTokens", () => {
  it("takes names, each part and together", () => {
    expect(valuesOf("name", PATIENT)).to.have.members([
      "Quibbleworth",
      "Alice",
      "Zenobia",
      "Alice Zenobia Quibbleworth",
      "Alice Quibbleworth",
      "Quibbleworth, Alice Zenobia",
    ]);
    const contact = [{ name: { text: "Bartholomew Quibbleworth" } }];
    expect(valuesOf("name", { resourceType: "Patient", contact })).to.deep.equal(["Bartholomew Quibbleworth"]);
    expect(valuesOf("name", { resourceType: "Organization", name: "Small Village Practice" })).to.deep.equal([
      "Small Village Practice",
    ]);
  });

  it("takes dates in the forms that people and machines write", () => {
    expect(valuesOf("date", PATIENT)).to.deep.equal(["1974-05-12", "19740512", "12.05.1974", "05/12/1974"]);
    const visit = { resourceType: "Encounter", period: { start: "2026-03-04T10:11:12Z" } };
    expect(valuesOf("date", visit)).to.include("2026-03-04");
    expect(valuesOf("date", { resourceType: "Patient", birthDate: "1974" })).to.deep.equal([]);
  });

  it("takes addresses, telecom and identifiers, but nothing too short to tell", () => {
    const patient = {
      resourceType: "Patient",
      id: "a-long-id",
      address: [{ line: ["12 Crumpet Lane"], city: "Upper Wobbling", postalCode: "90210", state: "MA", country: "US" }],
      telecom: [{ system: "phone", value: "555-0100-200" }, { value: "911" }],
      identifier: [{ system: "urn:example:mrn", value: "MRN-77001" }, { value: "7" }],
    };
    expect(valuesOf("address", patient)).to.deep.equal(["12 Crumpet Lane", "Upper Wobbling", "90210"]);
    expect(valuesOf("telecom", patient)).to.deep.equal(["555-0100-200"]);
    expect(valuesOf("identifier", patient)).to.deep.equal(["a-long-id", "MRN-77001"]);
  });

  it("takes narratives and notes in phrases, without markup", () => {
    const div =
      '<div xmlns="http://www.w3.org/1999/xhtml"><b>Alice</b><p>Fell off a&#160;ladder &amp; hurt. Lives alone</p></div>';
    const resource = {
      resourceType: "Observation",
      text: { div },
      note: [{ text: "Afraid of the dentist" }],
      valueString: "single",
    };
    expect(valuesOf("text", resource)).to.deep.equal(["Fell off a ladder & hurt", "Afraid of the dentist"]);
    const written = {
      resourceType: "Observation",
      comment: "&quot;She&apos;s&nbsp;1.50 m &lt; 1.60 m&quot; &gt; said",
    };
    expect(valuesOf("text", written)).to.deep.equal([`"She's 1.50 m < 1.60 m" > said`]);
    const odd = { resourceType: "Observation", comment: "odd &#9999999; and &unknown; entities" };
    expect(valuesOf("text", odd)).to.deep.equal(["odd &#9999999", "and &unknown"]);
  });

  it("finds each string once", () => {
    expect(personalTokens([PATIENT, PATIENT])).to.deep.equal(personalTokens([PATIENT]));
  });

  it("finds tokens in every real patient, all of which stand in the file", async function () {
    for (const path of realInputs(this, "synthea")) {
      const { entries } = await parseFhirFile(path, { validate: false });
      const tokens = personalTokens(entries.map(({ resource }) => resource));
      const kinds = new Set(tokens.map(({ kind }) => kind));
      expect([...kinds]).to.include.members(["name", "date", "address", "telecom", "identifier", "text"]);
      const text = entries.map(({ json }) => json).join("");
      for (const { kind, value } of tokens)
        if (kind === "telecom" || kind === "address") expect(text).to.contain(value);
    }
  });
});
