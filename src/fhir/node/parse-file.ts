import { ChartChainError } from "../../errors/index.js";
import { emptyFile, type FhirDocument } from "../parse.js";
import { identified, joinLines, type ParseOptions } from "../parse-text.js";
import type { ParsedFhir } from "../parsed.js";
import { readDocuments } from "./read-documents.js";

/**
 * Reads one FHIR R4 file about exactly one patient: a Bundle of any type, a single resource, or NDJSON (one resource a
 * line, as Bulk Data delivers it). What holds several patients is read with `parseFhirFolder`.
 *
 * Entries without a resource (most of a transaction-response) are passed over; one that deletes a resource becomes a
 * Provenance that says so. A history may hold the patient in several versions. No error carries a name or value from
 * the file, only places and types.
 *
 * The resources of NDJSON are read from the file again when they are looked at: it may be larger than the memory, and
 * must stay as it is until the records are made.
 *
 * @param path a file, UTF-8; its content tells what it is, not its name
 * @throws ChartChainError FHIR_FILE_UNREADABLE, FHIR_FILE_TOO_LARGE, FHIR_FORMAT_UNSUPPORTED, NOT_UTF8, NOT_JSON,
 * JSON_TOO_DEEP, DUPLICATE_JSON_NAME, NOT_FHIR, UNKNOWN_RESOURCE_TYPE, INVALID_RESOURCE, EMPTY_BUNDLE, NO_PATIENT,
 * MULTIPLE_PATIENTS, FOREIGN_PATIENT, NDJSON_HOLDS_BUNDLES, VALIDATOR_MISSING; FHIR_FILE_CHANGED when a resource of
 * NDJSON is looked at
 * @example
 * const parsed = await parseFhirFile("bundle.json")
 * const records = splitIntoRecords(parsed)
 */
export async function parseFhirFile(path: string, options: ParseOptions = {}): Promise<ParsedFhir> {
  const lines: FhirDocument[] = [];
  for await (const { document, line } of readDocuments(path, options)) {
    if (document instanceof ChartChainError) throw document;
    if (line === undefined) return identified(path, document);
    lines.push(document);
  }
  // Of NDJSON without a line.
  if (lines.length === 0) throw emptyFile(path);
  return joinLines(path, lines);
}
