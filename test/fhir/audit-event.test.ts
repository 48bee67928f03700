import { expect } from "chai";
import {
  buildDisclosureEvent,
  type Disclosure,
  PRIVACY_DISCLOSURE_SOURCE,
  validateResource,
} from "../../src/fhir/index.js";

const disclosure: Disclosure = {
  recorded: "2026-11-21T10:00:00Z",
  source: { who: { reference: "Organization/general-hospital" }, address: "https://hospital.example.org" },
  recipient: { who: { reference: "Organization/insurer" }, address: "https://insurer.example.org" },
  authorizer: { reference: "Patient/alice" },
  patient: { reference: "Patient/alice" },
  purpose: "HPAYMT",
  categories: ["FINANCIAL"],
  objects: [{ system: "urn:example:records", value: "42" }],
};

describe("buildDisclosureEvent", () => {
  it("is valid R4, granted or refused", async () => {
    expect(await validateResource(buildDisclosureEvent(disclosure))).to.deep.equal([]);
    const refused = buildDisclosureEvent({
      ...disclosure,
      granted: false,
      outcomeDesc: "CONSENT_DENIED",
      categories: [],
    });
    expect(await validateResource(refused)).to.deep.equal([]);
    expect([refused.outcome, refused.outcomeDesc]).to.deep.equal(["4", "CONSENT_DENIED"]);
  });

  it("has what IHE BALP asks of a disclosure at the source", () => {
    const event = buildDisclosureEvent(disclosure);
    expect(event.meta?.profile).to.deep.equal([PRIVACY_DISCLOSURE_SOURCE]);
    expect([event.type.code, event.subtype?.[0]?.code, event.action, event.outcome]).to.deep.equal([
      "110106",
      "disclose",
      "R",
      "0",
    ]);
    const [source, recipient, authorizer] = event.agent;
    expect([source, recipient].map((agent) => agent?.type?.coding?.[0]?.code)).to.deep.equal(["110153", "110152"]);
    expect(source?.who).to.deep.equal(event.source.observer);
    expect([source?.network, recipient?.network].every((network) => network?.type === "5")).to.equal(true);
    expect(authorizer?.type?.coding?.[0]?.code).to.equal("429577009");
    const [patient, object] = event.entity ?? [];
    expect([patient?.type?.code, patient?.role?.code, patient?.what?.reference]).to.deep.equal([
      "1",
      "1",
      "Patient/alice",
    ]);
    expect([object?.type?.code, object?.what?.identifier?.value]).to.deep.equal(["2", "42"]);
    expect(event.purposeOfEvent?.[0]?.coding?.[0]?.code).to.equal("HPAYMT");
  });

  it("leaves out an authorizer who is not known", () => {
    const without = { ...disclosure };
    delete without.authorizer;
    expect(buildDisclosureEvent(without).agent).to.have.length(2);
  });
});
