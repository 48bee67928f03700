import { expect } from "chai";
import {
  buildConsent,
  CATEGORIES,
  type ConsentTerms,
  PURPOSES,
  readConsent,
  validateResource,
} from "../../src/fhir/index.js";

const terms: ConsentTerms = {
  patient: { reference: "Patient/alice" },
  recipient: { identifier: { system: "urn:example:participants", value: "17" }, display: "General Hospital" },
  custodian: { reference: "Organization/general-hospital" },
  purposes: ["TREAT", "PATRQT"],
  categories: ["SUMMARY", "SENSITIVE"],
  period: { start: "2026-11-21T10:00:00Z", end: "2027-11-21T10:00:00Z" },
  dateTime: "2026-11-21T10:00:00Z",
  policyUri: "https://policies.example.org/privacy/3",
};

describe("buildConsent", () => {
  it("is valid R4 for every purpose, category and status", async () => {
    expect(
      await validateResource(buildConsent({ ...terms, purposes: PURPOSES, categories: CATEGORIES })),
    ).to.deep.equal([]);
    for (const status of ["proposed", "active", "rejected", "inactive"] as const) {
      expect(await validateResource(buildConsent({ ...terms, status }))).to.deep.equal([]);
    }
  });

  it("permits exactly the purposes and categories that it names, in the codes of HL7", () => {
    const { scope, provision, status, performer } = buildConsent(terms);
    expect([status, scope.coding?.[0]?.code, provision?.type]).to.deep.equal(["proposed", "patient-privacy", "permit"]);
    expect(performer).to.deep.equal([terms.patient]);
    expect(provision?.purpose?.map(({ system, code }) => `${system ?? ""}|${code ?? ""}`)).to.deep.equal([
      "http://terminology.hl7.org/CodeSystem/v3-ActReason|TREAT",
      "http://terminology.hl7.org/CodeSystem/v3-ActReason|PATRQT",
    ]);
    expect(provision?.actor?.[0]?.role.coding?.[0]?.code).to.equal("IRCP");
  });

  it("names a guardian as the one who agrees", () => {
    const performer = { reference: "RelatedPerson/parent" };
    expect(buildConsent({ ...terms, performer }).performer).to.deep.equal([performer]);
  });
});

describe("readConsent", () => {
  it("reads back what was built", () => {
    expect(readConsent(buildConsent(terms))).to.deep.equal({
      purposes: terms.purposes,
      categories: terms.categories,
      start: terms.period.start,
      end: terms.period.end,
      recipients: [terms.recipient],
    });
    expect(readConsent(buildConsent({ ...terms, period: { start: "2026-01-01" } }))).not.to.have.property("end");
  });

  it("takes nothing from foreign codes, and nothing at all from a denial", () => {
    const consent = buildConsent(terms);
    const foreign = [{ system: "urn:example:other", code: "SENSITIVE" }];
    const changed = { ...consent, provision: { ...consent.provision, class: foreign, purpose: foreign } };
    expect(readConsent(changed)).to.deep.include({ purposes: [], categories: [] });
    const denial = { ...consent, provision: { ...consent.provision, type: "deny" as const } };
    expect(readConsent(denial)).to.deep.equal({ purposes: [], categories: [], recipients: [] });
  });
});
