import { ChartChainError, isChartChainError } from "../errors/index.js";
import { onlyDeletes } from "./deletion.js";
import { answerAlone, emptyFile, type FhirDocument } from "./parse.js";
import type { ParsedFhir } from "./parsed.js";
import { identifyPatient } from "./patient-identity.js";
import { documentsOfText, type ParseOptions, readDocuments } from "./read-documents.js";
import { isRestricted } from "./sensitivity.js";
import { assertValid } from "./validate.js";

/**
 * Reads one FHIR R4 file about exactly one patient: a Bundle of any type, a single resource, or NDJSON (one resource a
 * line, as Bulk Data delivers it). What holds several patients is read with {@link parseFhirFolder}.
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

/**
 * Like {@link parseFhirFile}, for text or UTF-8 bytes that are already in memory.
 *
 * @param name stands for the file in error messages
 * @example
 * await parseFhirText(record.bytes, "record")
 */
export async function parseFhirText(
  text: string | Uint8Array,
  name: string,
  options: Pick<ParseOptions, "validate"> = {},
): Promise<ParsedFhir> {
  const lines: FhirDocument[] = [];
  for (const { document, line } of documentsOfText(text, name)) {
    if (options.validate ?? true) await assertValid(name, document);
    if (line === undefined) return identified(name, document);
    lines.push(document);
  }
  return joinLines(name, lines);
}

function identified(file: string, document: FhirDocument): ParsedFhir {
  if (onlyDeletes(document)) throw deletionsAlone(file);
  const answer = answerAlone(file, document);
  if (answer) throw answer;
  return { file, ...document, patient: identifyPatient(file, document.entries) };
}

function deletionsAlone(file: string): ChartChainError {
  return new ChartChainError("EMPTY_BUNDLE", `${file} holds no resource, but says only what was deleted`, {
    details: { file },
    hint: "Put it into a folder with the patient's files, and give the folder; or leave it out.",
  });
}

/** The lines of NDJSON as one input, like the entries of a Bundle. */
function joinLines(file: string, lines: readonly FhirDocument[]): ParsedFhir {
  if (lines.every(onlyDeletes)) throw deletionsAlone(file);
  // A document stays whole, and so does what is labelled as a whole: among other lines they would not.
  if (lines.some(({ bundle }) => bundle?.type === "document" || isRestricted(bundle?.meta))) {
    throw new ChartChainError("NDJSON_HOLDS_BUNDLES", `${file} is NDJSON with Bundles that must stay whole`, {
      details: { file },
      hint: "Give the path to parseFhirFolder, which takes each Bundle as an input of its own.",
    });
  }
  const entries = lines.flatMap((line) => line.entries);
  try {
    return { file, entries, patient: identifyPatient(file, entries) };
  } catch (error) {
    if (!isChartChainError(error, "MULTIPLE_PATIENTS") && !isChartChainError(error, "FOREIGN_PATIENT")) throw error;
    const { message, details } = error;
    throw new ChartChainError("MULTIPLE_PATIENTS", message, {
      details,
      hint: "NDJSON of a Bulk Data export holds many patients: read it with parseFhirFolder, which tells them apart.",
      cause: error,
    });
  }
}
