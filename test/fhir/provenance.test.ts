import { expect } from "chai";
import { buildProvenance, validateResource } from "../../src/fhir/index.js";

const sealed = {
  targets: [{ reference: "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" }],
  recorded: "2026-11-21T10:00:00Z",
  author: { reference: "Organization/general-hospital" },
};

describe("buildProvenance", () => {
  it("is valid R4 for a new record", async () => {
    const provenance = buildProvenance(sealed);
    expect(await validateResource(provenance)).to.deep.equal([]);
    expect([provenance.activity?.coding?.[0]?.code, provenance.agent.length]).to.deep.equal(["CREATE", 1]);
  });

  it("is valid R4 for an amendment with a custodian, and names what it amends", async () => {
    const amends = { system: "urn:example:records", value: "41" };
    const provenance = buildProvenance({ ...sealed, amends, custodian: { reference: "Organization/archive" } });
    expect(await validateResource(provenance)).to.deep.equal([]);
    expect(provenance.entity).to.deep.equal([{ role: "revision", what: { identifier: amends } }]);
    expect([provenance.activity?.coding?.[0]?.code, provenance.agent.length]).to.deep.equal(["UPDATE", 2]);
  });
});
