import { expect } from "chai";
import fc from "fast-check";

import { ChartChainError } from "../../src/errors/index.js";
import {
  buildConsent,
  CATEGORIES,
  type ConsentTerms,
  PURPOSES,
  readConsent,
  validateResource,
} from "../../src/fhir/index.js";
import { mutationsOf } from "../sdk/mutations.js";

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
    const ours = "urn:oid:2.25.211455349159041501755065443599074488143";
    expect(new Set(provision?.class?.map(({ system }) => system))).to.deep.equal(new Set([ours]));
    expect(provision?.actor?.[0]?.role.coding?.[0]?.code).to.equal("IRCP");
  });

  it("names a guardian as the one who agrees", () => {
    const performer = { reference: "RelatedPerson/parent" };
    expect(buildConsent({ ...terms, performer }).performer).to.deep.equal([performer]);
  });
});

describe("readConsent", () => {
  it("reads back what was built", () => {
    expect(readConsent(buildConsent(terms))).to.deep.equal({ ...terms, status: "proposed" });
    const others = {
      ...terms,
      period: { start: "2026-01-01" },
      status: "active" as const,
      performer: { reference: "RelatedPerson/parent", display: "Mother" },
    };
    expect(readConsent(buildConsent(others))).to.deep.equal(others);
    expect(
      readConsent(JSON.parse(JSON.stringify(buildConsent({ ...terms, purposes: PURPOSES, categories: CATEGORIES })))),
    ).to.deep.include({ purposes: PURPOSES, categories: CATEGORIES });
  });

  type Json = Record<string, unknown>;
  const consent = () => JSON.parse(JSON.stringify(buildConsent(terms))) as Json & { provision: Json };
  const other = { role: { text: "somebody else" }, reference: { reference: "Organization/other" } };
  const unshown: Record<string, [change: (consent: Json & { provision: Json }) => void, place: RegExp]> = {
    "a second recipient": [(c) => (c.provision["actor"] as unknown[]).push(other), /provision\.actor\[1\]/],
    "a nested permit": [(c) => (c.provision["provision"] = [{ type: "permit" }]), /provision\.provision/],
    "an unknown purpose": [
      (c) => (c.provision["purpose"] as unknown[]).push({ system: "urn:example:other", code: "SALE" }),
      /provision\.purpose\[2\]/,
    ],
    "an unknown category": [(c) => (c.provision["class"] as unknown[]).unshift({ code: "ALL" }), /provision\.class/],
    "only unknown purposes": [(c) => (c.provision["purpose"] = [{ code: "TREAT" }]), /purpose names nothing/],
    "no category": [(c) => delete c.provision["class"], /class names nothing/],
    "a category twice": [
      (c) => (c.provision["class"] as unknown[]).push((c.provision["class"] as unknown[])[0]),
      /twice/,
    ],
    "a denial": [(c) => (c.provision["type"] = "deny"), /provision\.type/],
    "no type, which permits and denies nothing": [(c) => delete c.provision["type"], /provision\.type is missing/],
    "a narrative": [(c) => (c["text"] = { status: "generated", div: "<div>more</div>" }), /text is more/],
    "an extension": [(c) => (c["extension"] = [{ url: "urn:x", valueBoolean: true }]), /extension/],
    "a modifier extension in the provision": [
      (c) => (c.provision["modifierExtension"] = []),
      /provision\.modifierExtension/,
    ],
    "an extension of a date": [(c) => (c["_dateTime"] = { extension: [] }), /_dateTime/],
    "an attachment as its source": [(c) => (c["sourceAttachment"] = { url: "https://x.example" }), /sourceAttachment/],
    "a second policy": [(c) => (c["policy"] as unknown[]).push({ uri: "https://x.example" }), /policy\[1\]/],
    "an authority of the policy": [
      (c) => ((c["policy"] as Json[])[0]!["authority"] = "urn:x"),
      /policy\[0\]\.authority/,
    ],
    "another text for a known code": [
      (c) => ((c.provision["class"] as Json[])[0]!["display"] = "only your name"),
      /class\[0\]\.display/,
    ],
    data: [(c) => (c.provision["data"] = [{ meaning: "related", reference: {} }]), /provision\.data/],
    "a start that is no time": [(c) => (c.provision["period"] = { start: "soon" }), /start can't be read/],
    "a day that doesn't exist": [(c) => (c.provision["period"] = { start: "2026-02-30" }), /start can't be read/],
    "an end that is no time": [(c) => ((c.provision["period"] as Json)["end"] = 7), /end can't be read/],
    "a policy that is no list": [(c) => (c["policy"] = "https://x.example"), /uri can't be read/],
    "classes that are no list": [(c) => (c.provision["class"] = { code: "SUMMARY" }), /class names nothing/],
    "an actor that is no list": [(c) => (c.provision["actor"] = 5), /actor/],
    "a policy with look-alike letters": [(c) => (c["policy"] = [{ uri: "https://p\u043elicies.example" }]), /uri/],
    "a policy as long as a book": [(c) => (c["policy"] = [{ uri: `https://${"x".repeat(60_000)}` }]), /uri/],
    "a name that turns the line around": [
      (c) => ((c["organization"] as Json[])[0]!["display"] = "a\u202eb"),
      /organization/,
    ],
  };
  for (const [what, [change, place]] of Object.entries(unshown)) {
    it(`refuses ${what}`, () => {
      const changed = consent();
      change(changed);
      const error = refusalOf(changed);
      expect(error?.code).to.equal("CONSENT_NOT_PLAIN");
      expect(error?.message).to.match(place);
    });
  }

  const refusalOf = (value: unknown): ChartChainError | undefined => {
    try {
      readConsent(value);
      return undefined;
    } catch (error) {
      if (error instanceof ChartChainError) return error;
      throw error;
    }
  };

  it("refuses whatever else JSON can say, and never with another error", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(refusalOf(value)?.code).to.equal("CONSENT_NOT_PLAIN");
        const provision = { ...consent().provision, ...(Object(value) as object) };
        const within = refusalOf({ ...consent(), provision });
        const says = JSON.stringify(provision) === JSON.stringify(consent().provision);
        expect(within?.code).to.equal(says ? undefined : "CONSENT_NOT_PLAIN");
        for (const field of ["policy", "performer", "patient", "organization", "dateTime", "scope", "category"]) {
          expect(refusalOf({ ...consent(), [field]: value })?.code).to.equal("CONSENT_NOT_PLAIN");
        }
      }),
    );
  });

  it("refuses a Consent of which any one thing was changed, unless it says something else that can be shown", () => {
    fc.assert(
      fc.property(mutationsOf(consent()), ({ file }) => {
        if (refusalOf(file) === undefined) {
          expect(JSON.parse(JSON.stringify(buildConsent(readConsent(file))))).to.deep.equal(file);
        }
      }),
    );
  });

  it("doesn't follow what is nested without end", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`) as unknown;
    expect(refusalOf({ ...consent(), patient: deep, performer: [deep] })?.code).to.equal("CONSENT_NOT_PLAIN");
    expect(refusalOf({ ...consent(), provision: deep })?.code).to.equal("CONSENT_NOT_PLAIN");
  });
});
