import type { Composition } from "@medplum/fhirtypes";
import {
  parseFhirText,
  type PatientSummary,
  patientSummary,
  splitIntoRecords,
  type SummaryInput,
} from "../../src/fhir/index.js";

/** When the summaries of these tests are composed. */
export const DATE = "2026-11-21T10:00:00Z";
export const PATIENT = { resourceType: "Patient", id: "1", birthDate: "1970-01-01" };
export const subject = { reference: "Patient/1" };

export const text = (value: string): object => ({ text: value });
export const status = (system: string, code: string): object => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
export const collection = (...resources: object[]): object => ({
  resourceType: "Bundle",
  type: "collection",
  entry: [PATIENT, ...resources].map((resource) => ({ resource })),
});

/** The summary of inputs as they are imported: parsed, split, and the records given one after another. */
export async function summaryOf(...inputs: object[]): Promise<PatientSummary> {
  const records: SummaryInput[] = [];
  for (const input of inputs) records.push(...splitIntoRecords(await parseFhirText(JSON.stringify(input), "input")));
  return patientSummary(records, { date: DATE });
}

/** The sections as `title: line; line`, and the types of the entries that they list. */
export function told({ bundle }: PatientSummary): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { title, text: words } of (bundle.entry?.[0]?.resource as Composition).section ?? []) {
    const lines = [...(words?.div ?? "").matchAll(/<li>(.*?)<\/li>/g)].map(([, line]) => line ?? "");
    if (lines.length > 0) found[title ?? ""] = lines;
  }
  return found;
}

export const typesIn = ({ bundle }: PatientSummary): string[] =>
  (bundle.entry ?? []).flatMap(({ resource }) => resource?.resourceType ?? []);
