import { expect } from "chai";
import { collection, status, subject, summaryOf, text, told } from "./summary-of.js";

const ALLERGIES = "Allergies and Intolerances";
const IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });
const snomed = (code: string, display: string): object => ({
  coding: [{ system: "http://snomed.info/sct", code, display }],
});
const allergy = (code: object, more: object = {}): object => ({
  ...{ resourceType: "AllergyIntolerance", patient: subject, code },
  clinicalStatus: status("allergyintolerance-clinical", "active"),
  ...more,
});

const allergiesOf = async (...resources: object[]): Promise<string[] | undefined> =>
  told(await summaryOf(collection(...resources)))[ALLERGIES];

describe("a composed summary and what there is none of", () => {
  const NONE = [
    snomed("716186003", "No known allergy"),
    coded("http://snomed.info/sct", "716186003"),
    coded(IPS, "no-known-allergies"),
    coded(IPS, "no-allergy-info"),
    text("No known allergies"),
    text("NKA"),
  ];

  it("doesn't say that there is none beside one that there is, whichever comes first", async () => {
    for (const none of NONE) {
      expect(await allergiesOf(allergy(none), allergy(text("Peanut")))).to.deep.equal(["Peanut"]);
      expect(await allergiesOf(allergy(text("Peanut")), allergy(none))).to.deep.equal(["Peanut"]);
    }
  });

  it("says it where there is none, where the one was refuted, and where it is over", async () => {
    const verificationStatus = status("allergyintolerance-verification", "refuted");
    const clinicalStatus = status("allergyintolerance-clinical", "resolved");
    const none = allergy(snomed("716186003", "No known allergy"));
    expect(await allergiesOf(none)).to.deep.equal(["No known allergy"]);
    expect(await allergiesOf(none, allergy(text("Peanut"), { verificationStatus }))).to.deep.equal([
      "No known allergy",
    ]);
    expect(await allergiesOf(none, allergy(text("Peanut"), { clinicalStatus }))).to.deep.equal([
      "No known allergy",
      "Peanut (resolved)",
    ]);
    expect(await allergiesOf(allergy(coded(IPS, "no-allergy-info")))).to.deep.equal(["no allergy info"]);
  });

  it("contradicts only what is of its kind", async () => {
    const noDrug = allergy(snomed("409137002", "No known drug allergy"));
    const food = allergy(text("Peanut"), { category: ["food"] });
    const drug = allergy(text("Penicillin"), { category: ["medication"] });
    expect(await allergiesOf(noDrug, food)).to.deep.equal(["No known drug allergy", "Peanut"]);
    expect(await allergiesOf(noDrug, allergy(text("Latex")))).to.deep.equal(["No known drug allergy", "Latex"]);
    expect(await allergiesOf(noDrug, food, drug)).to.deep.equal(["Peanut", "Penicillin"]);
    expect(await allergiesOf(allergy(text("No known food allergies")), food)).to.deep.equal(["Peanut"]);
    expect(await allergiesOf(allergy(text("No allergy to penicillin")), food)).to.have.length(2);
    const figures = allergy({ ...coded("https://vendor.example/codes", "716186003"), text: "Latex" });
    expect(await allergiesOf(figures, food)).to.deep.equal(["Latex", "Peanut"]);
    for (const [short, kept] of [
      ["NKA", []],
      ["NKDA", [food]],
      ["NKFA", [drug]],
    ] as const) {
      for (const other of [food, drug]) {
        const isKept = kept.some((one) => one === other);
        expect(await allergiesOf(allergy(text(short)), other), short).to.have.length(isKept ? 2 : 1);
      }
    }
  });

  it("holds for problems, medicines and the other sections alike", async () => {
    const condition = (code: object): object => ({
      ...{ resourceType: "Condition", subject, code },
      clinicalStatus: status("condition-clinical", "active"),
    });
    const taken = (medicationCodeableConcept: object): object => ({
      ...{ resourceType: "MedicationStatement", status: "active", subject, medicationCodeableConcept },
    });
    const summary = await summaryOf(
      collection(
        condition(snomed("160245001", "No current problems or disability")),
        condition(text("Asthma")),
        taken(coded(IPS, "no-known-medications")),
        taken(text("Warfarin")),
      ),
    );
    expect(told(summary)).to.deep.equal({ Problems: ["Asthma"], "Medication Summary": ["Warfarin"] });
    const procedure = (of: string): object => ({
      resourceType: "Procedure",
      status: "completed",
      subject,
      code: text(of),
    });
    for (const none of ["No known procedures", "No known procedure", "no procedure info"]) {
      const done = told(await summaryOf(collection(procedure(none), procedure("Appendectomy"))));
      expect(done, none).to.deep.equal({ "History of Procedures": ["Appendectomy"] });
    }
  });

  it("holds for a Condition that is about allergies", async () => {
    const none = {
      ...{ resourceType: "Condition", subject, code: snomed("160244002", "No known allergies") },
      clinicalStatus: status("condition-clinical", "active"),
    };
    expect(told(await summaryOf(collection(none)))).to.deep.equal({ Problems: ["No known allergies"] });
    expect(told(await summaryOf(collection(none, allergy(text("Peanut")))))).to.deep.equal({ [ALLERGIES]: ["Peanut"] });
  });
});
