import type { Encounter } from "@medplum/fhirtypes";
import type { Category } from "./vocabulary.js";
import type { FhirEntry } from "./parsed.js";

const WORDS: Readonly<Record<Category, string>> = {
  SUMMARY: "Summary",
  MEDICATION: "Medication",
  OBSERVATION: "Observations",
  DIAGNOSTIC: "Diagnostics",
  CARE: "Care",
  FINANCIAL: "Financial",
  GENOMIC: "Genomics",
  SENSITIVE: "Sensitive",
};

/** A category as people say it: "Diagnostics". */
export const categoryInWords = (category: Category): string => WORDS[category];

/**
 * A title for a record: a document's own, else the category and the day of the encounter.
 *
 * @example
 * titleOf("OBSERVATION", entries, encounter) // "Observations, 2015-03-04"
 */
export function titleOf(category: Category, entries: readonly FhirEntry[], encounter?: Encounter): string {
  const [first] = entries;
  if (first?.resource.resourceType === "Composition" && first.resource.title) return first.resource.title;
  const day = encounter?.period?.start?.slice(0, 10);
  return day === undefined ? categoryInWords(category) : `${categoryInWords(category)}, ${day}`;
}
