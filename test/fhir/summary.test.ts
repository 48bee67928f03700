import { readFileSync } from "node:fs";
import type { Bundle, Composition } from "@medplum/fhirtypes";
import { expect } from "chai";
import {
  parseFhirText,
  type PatientSummary,
  patientSummary,
  splitIntoRecords,
  type SummaryInput,
  validateParsed,
} from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { readFhirJson } from "../../src/fhir/parse.js";
import { asBundle, bundleOf, errorOf, observation, packagedIps, realInputs } from "./real-inputs.js";

const DATE = "2026-11-21T10:00:00Z";

const document = (path: string): SummaryInput => ({ category: "SUMMARY", bytes: readFileSync(path) });
const compositionOf = (bundle: Bundle): Composition => bundle.entry?.[0]?.resource as Composition;

async function summaryOf(...resources: object[]): Promise<PatientSummary> {
  const parsed = await parseFhirText(JSON.stringify(bundleOf(...resources)), "input", { validate: false });
  return patientSummary(splitIntoRecords(parsed), { date: DATE });
}

function section(bundle: Bundle, loinc: string): NonNullable<Composition["section"]>[number] | undefined {
  return compositionOf(bundle).section?.find(({ code }) => code?.coding?.[0]?.code === loinc);
}

describe("patientSummary", () => {
  it("takes the newest IPS document, byte for byte", () => {
    const paths = packagedIps(/\/Bundle-/);
    const summary = patientSummary(paths.map(document), { date: DATE });
    expect(summary.source).to.equal("document");
    const newest = paths
      .map((path) => asBundle(readFileSync(path)).timestamp ?? "")
      .sort((a, b) => Date.parse(b) - Date.parse(a))[0];
    expect(summary.bundle.timestamp).to.equal(newest);
    expect(paths.some((path) => readFileSync(path).equals(Buffer.from(summary.bytes)))).to.equal(true);
  });

  it("takes the later of two documents of one moment", () => {
    const [path = ""] = packagedIps(/\/Bundle-/);
    const first = document(path);
    const later = { ...first, bytes: Buffer.from(`${readFileSync(path, "utf8")}\n`) };
    expect(patientSummary([first, later], { date: DATE }).bytes).to.equal(later.bytes);
    expect(patientSummary([later, first], { date: DATE }).bytes).to.equal(first.bytes);
  });

  it("composes a valid document from every Synthea patient's records", async function () {
    for (const path of realInputs(this, "synthea").slice(0, 6)) {
      const { source, bytes, bundle } = patientSummary(
        splitIntoRecords(await parseFhirFile(path, { validate: false })),
        { date: DATE },
      );
      expect([source, bundle.type]).to.deep.equal(["composed", "document"]);
      expect(await validateParsed(readFhirJson(bytes, "summary"))).to.deep.equal([]);
      const names = new Set(bundle.entry?.map(({ fullUrl }) => fullUrl));
      for (const { entry } of compositionOf(bundle).section ?? []) {
        for (const { reference } of entry ?? []) expect(names.has(reference ?? "")).to.equal(true);
      }
      expect((await parseFhirText(bytes, "summary")).patient.reference).to.equal(
        compositionOf(bundle).subject?.reference,
      );
    }
  });

  it("says that the three required sections are unavailable where nothing is known", async () => {
    const { bundle } = await summaryOf();
    for (const loinc of ["11450-4", "48765-2", "10160-0"]) {
      expect(section(bundle, loinc)?.emptyReason?.coding?.[0]?.code).to.equal("unavailable");
    }
    expect(compositionOf(bundle).section).to.have.length(3);
    expect(bundle.entry?.map(({ resource }) => resource?.resourceType)).to.deep.equal([
      "Composition",
      "Patient",
      "Device",
    ]);
  });

  it("puts resources in their sections, without mistakes and with the newest of each kind of observation", async () => {
    const weighed = (effectiveDateTime: string, value: number): object =>
      observation({
        category: [{ coding: [{ code: "vital-signs" }] }],
        code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
        effectiveDateTime,
        valueQuantity: { value },
      });
    const condition = (status: string, more: object = {}): object => ({
      resourceType: "Condition",
      clinicalStatus: { coding: [{ code: status }] },
      code: { text: `A & <${status}>` },
      ...more,
    });
    const { bundle } = await summaryOf(
      weighed("2025-01-01", 71),
      weighed("2026-01-01", 72),
      weighed("2024-01-01", 70),
      condition("active"),
      condition("resolved"),
      condition("active", { verificationStatus: { coding: [{ code: "entered-in-error" }] } }),
      { resourceType: "MedicationRequest", status: "stopped" },
      { resourceType: "MedicationRequest", status: "active", medicationReference: { reference: "urn:uuid:r9" } },
      { resourceType: "Medication", code: { text: "Water" } },
    );
    expect(section(bundle, "8716-3")?.entry).to.deep.equal([{ reference: "urn:uuid:r2" }]);
    expect(section(bundle, "11450-4")?.entry).to.deep.equal([{ reference: "urn:uuid:r4" }]);
    expect(section(bundle, "11450-4")?.text?.div).to.contain("<li>A &#38; &#60;active&#62;</li>");
    expect(section(bundle, "11348-0")?.entry).to.deep.equal([{ reference: "urn:uuid:r5" }]);
    expect(section(bundle, "10160-0")?.entry).to.deep.equal([{ reference: "urn:uuid:r8" }]);
    expect(bundle.entry?.map(({ fullUrl }) => fullUrl)).to.include("urn:uuid:r9");
  });

  it("draws on no sensitive, genetic or financial record", async () => {
    const { bundle } = await summaryOf({
      resourceType: "Condition",
      code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: "F32" }] },
    });
    expect(section(bundle, "11450-4")?.emptyReason).not.to.equal(undefined);
  });

  it("keeps number lexemes, names each entry, and takes author and identifiers from the caller", async () => {
    const vital = JSON.stringify(
      observation({ category: [{ coding: [{ code: "laboratory" }] }], valueQuantity: { value: "@" } }),
    );
    const text = `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"alice"}},{"resource":${vital.replace('"@"', "7.10")}}]}`;
    const bytes = new TextEncoder().encode(text);
    let count = 0;
    const options = {
      date: DATE,
      author: { resourceType: "Organization" as const, name: "General Hospital" },
      uuid: () => `id-${(count += 1)}`,
    };
    const summary = patientSummary([{ category: "SUMMARY", bytes }], options);
    expect(new TextDecoder().decode(summary.bytes)).to.contain('"value":7.10');
    expect(summary.bundle.entry?.every(({ fullUrl }) => fullUrl?.startsWith("urn:uuid:id-"))).to.equal(true);
    expect(summary.bundle.entry?.at(-1)?.resource).to.deep.include({ resourceType: "Organization" });
  });

  it("refuses records without the Patient resource", async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(observation()));
    expect((await errorOf(() => patientSummary([{ category: "OBSERVATION", bytes }], { date: DATE }))).code).to.equal(
      "NO_PATIENT",
    );
  });

  it("refuses a damaged record", async () => {
    const bytes = new TextEncoder().encode("{");
    expect((await errorOf(() => patientSummary([{ category: "SUMMARY", bytes }], { date: DATE }))).code).to.equal(
      "NOT_JSON",
    );
  });
});
