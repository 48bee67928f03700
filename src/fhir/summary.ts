import type { Bundle, Composition } from "@medplum/fhirtypes";
import type { Category } from "./vocabulary.js";
import { composeSummary, type ComposeOptions } from "./compose-summary.js";
import { type FhirDocument, readFhirJson } from "./parse.js";

/** An opened record, as far as a summary needs it. */
export interface SummaryInput {
  category: Category;
  /** The record's bytes: a Bundle, `collection` or `document`. */
  bytes: Uint8Array;
}

export interface PatientSummary {
  /** `document`: one that was found, byte for byte. `composed`: put together here. */
  source: "document" | "composed";
  bundle: Bundle;
  /** UTF-8 JSON of a Bundle of type document; numbers keep their lexemes. */
  bytes: Uint8Array;
}

/** Records that a composed summary may draw on: the others are not what an ordinary grant of a summary means. */
const DRAWN_ON: ReadonlySet<Category> = new Set(["SUMMARY", "MEDICATION", "OBSERVATION", "DIAGNOSTIC", "CARE"]);

/**
 * The International Patient Summary out of a patient's records: the newest IPS document if there is one, else one
 * composed from the records that were given, with its three required sections (problems, allergies, medications) said
 * to be unavailable where nothing is known.
 *
 * @param records in the order in which they were recorded: without times in them, a later one is the newer
 * @throws ChartChainError NO_PATIENT when nothing given holds the Patient resource; NOT_JSON and the other codes of
 * parsing for a damaged record
 * @example
 * const { source, bytes } = patientSummary(opened, { date: "2026-11-21T10:00:00Z" })
 */
export function patientSummary(records: readonly SummaryInput[], options: ComposeOptions): PatientSummary {
  const documents = records.map(({ bytes, category }, at) => ({
    ...readFhirJson(bytes, `record ${at + 1}`),
    ...{ bytes, category },
  }));
  const [newest] = documents
    .filter(isSummary)
    .reverse()
    .sort((a, b) => timeOf(b) - timeOf(a));
  if (newest?.bundle) return { source: "document", bundle: newest.bundle, bytes: newest.bytes };
  const entries = documents.filter(({ category }) => DRAWN_ON.has(category)).flatMap((document) => document.entries);
  const bytes = new TextEncoder().encode(composeSummary(entries, options));
  return { source: "composed", bundle: JSON.parse(new TextDecoder().decode(bytes)) as Bundle, bytes };
}

function isSummary({ bundle, entries }: FhirDocument): boolean {
  const composition = entries[0]?.resource as Composition | undefined;
  if (bundle?.type !== "document" || composition?.status === "entered-in-error") return false;
  return composition?.type.coding?.some(({ code }) => code === "60591-5") === true;
}

function timeOf({ bundle, entries }: FhirDocument): number {
  const time = Date.parse(bundle?.timestamp ?? (entries[0]?.resource as Composition).date);
  return Number.isNaN(time) ? 0 : time;
}
