import type { Observation } from "@medplum/fhirtypes";
import { expect } from "chai";

import { claimsInResource, hasSeen, hasSeenServer } from "../../src/fhir/index.js";

const UUID = "5c3d1e4a-7d0b-4f7c-9a52-3d1f0c6a2b11";

describe("an id that was seen before", () => {
  const A = "https://a.example/fhir";
  for (const [seen, id, is] of [
    [`${A}/Patient/1`, `${A}/Patient/1`, true],
    [`${A}/Patient/1`, "http://a.example/fhir/Patient/1", true],
    [`${A}/Patient/1`, `${A}/Patient/2`, false],
    // Every server has a Patient/1.
    [`${A}/Patient/1`, "https://b.example/fhir/Patient/1", false],
    [`${A}/Patient/1`, "Patient/1", false],
    ["Patient/1", `${A}/Patient/1`, false],
    ["Patient/1", "Patient/1", true],
    ["Patient/11", "Patient/1", false],
    [`${A}/Patient/${UUID}`, `Patient/${UUID}`, true],
    [`Patient/${UUID}`, `urn:uuid:${UUID}`, true],
    [`urn:uuid:${UUID}`, `Patient/${UUID.toUpperCase()}`, true],
    // Who names a server means somebody there.
    [`urn:uuid:${UUID}`, `${A}/Patient/${UUID}`, false],
  ] as const) {
    it(`${id} is${is ? "" : "n't"} ${seen}`, () => {
      expect(hasSeen(new Set([seen]), id)).to.equal(is);
    });
  }

  it("is of a server that is known, or of none", () => {
    const seen = new Set([`${A}/Patient/1`, "Patient/2"]);
    expect(hasSeenServer(seen, `${A}/Patient/9`)).to.equal(true);
    expect(hasSeenServer(seen, "https://a.example/fhir/tenant/Patient/9")).to.equal(false);
    expect(hasSeenServer(seen, "Patient/9")).to.equal(false);
  });
});

describe("claimsIn", () => {
  it("gives a Patient's ids apart from its numbers", () => {
    const number = { system: "urn:x", value: "7" };
    const { claims } = claimsInResource({ resourceType: "Patient", id: "1", identifier: [number] });
    expect(claims.map(({ ids, identifiers }) => ({ ids, identifiers }))).to.deep.equal([
      { ids: ["Patient/1"], identifiers: [number] },
    ]);
  });

  it("gives what each place says, once, and nobody who is looked at in passing or only acts", () => {
    const observation: Observation = {
      ...{ resourceType: "Observation", status: "final", code: { text: "x" } },
      subject: { reference: "Patient/1/_history/2", display: "Kim", identifier: { system: "urn:x", value: "7" } },
      focus: [{ reference: "Patient/2" }],
      performer: [{ reference: "Patient/3" }],
    };
    const claim = { ids: ["Patient/1"], identifiers: [{ system: "urn:x", value: "7" }], display: "Kim" };
    const { claims } = claimsInResource({
      ...{ resourceType: "Bundle", type: "collection", entry: [{ resource: observation }, { resource: observation }] },
    });
    expect(claims.map(({ place: _, ...rest }) => rest)).to.deep.equal([claim]);
    expect(claims[0]!.place).to.include("subject");
  });

  it("takes no family's number and no stand-in for somebody's", () => {
    const identifiers = [
      { system: "urn:x:family-card", value: "7" },
      { system: "urn:x", value: "unknown" },
    ];
    for (const identifier of identifiers) {
      const { claims } = claimsInResource({
        ...{ resourceType: "Observation", status: "final", code: { text: "x" } },
        subject: { reference: "Patient/1", identifier },
      });
      expect(claims).to.deep.equal([{ place: "Observation.subject", ids: ["Patient/1"], identifiers: [] }]);
    }
  });
});
