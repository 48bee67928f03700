import { ChartChainError, isChartChainError } from "../errors/index.js";
import { onlyDeletes } from "./deletion.js";
import { documentsOfText } from "./documents-of-text.js";
import { answerAlone, type FhirDocument } from "./parse.js";
import type { ParsedFhir } from "./parsed.js";
import { identifyPatient } from "./patient-identity.js";
import { isRestricted } from "./sensitivity.js";
import { assertValid } from "./validate.js";

export interface ParseOptions {
  /** Largest JSON file, or longest line of NDJSON, in bytes; 128 MiB unless given. A file of NDJSON has no limit. */
  maxBytes?: number;
  /** Check every resource against the R4 definitions; true unless given. Needs the definition packages. */
  validate?: boolean;
  /**
   * Base URL of the server that lines of NDJSON and single resources come from: their ids are that server's, and so are relative
   * references. Bundles say it themselves, by `fullUrl`.
   */
  server?: string;
}

/**
 * Like `parseFhirFile`, for text or UTF-8 bytes that are already in memory.
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

/** A document that is the whole input. */
export function identified(file: string, document: FhirDocument): ParsedFhir {
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
export function joinLines(file: string, lines: readonly FhirDocument[]): ParsedFhir {
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
