import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ChartChainError, isChartChainError } from "../errors/index.js";
import { groupByPatient } from "./group-by-patient.js";
import { type FhirDocument, type ParseOptions, readFhirJson } from "./parse.js";
import type { BadFile, FolderPatient, ParsedFhir } from "./parsed.js";
import { identifyPatient } from "./patient-identity.js";
import { DEFAULT_MAX_BYTES, readText } from "./read-text.js";
import { assertValid } from "./validate.js";

export interface FolderOptions extends ParseOptions {
  /** Return the good files and list the bad ones, rather than refuse the folder. */
  skipBad?: boolean;
}

/** What a folder holds. */
export interface ParsedFolder {
  patients: FolderPatient[];
  bad: BadFile[];
}

/**
 * Reads all `*.json` files of a folder (not of folders inside it), in the order of their names.
 *
 * Files are of one patient when they share a reference to the patient or an identifier and no birth dates contradict
 * that; a file that could be of either of two patients is bad. A file without a patient (Medication, Practitioner, Organization …) belongs to the patients
 * whose files refer to it, and is bad when none does.
 *
 * @throws ChartChainError FHIR_FOLDER_UNREADABLE, FHIR_FOLDER_EMPTY, FHIR_FOLDER_HAS_BAD_FILES (one error that lists
 * every bad file; with skipBad only when no file is good), VALIDATOR_MISSING
 * @example
 * const { patients, bad } = await parseFhirFolder("inputs", { skipBad: true })
 */
export async function parseFhirFolder(dir: string, options: FolderOptions = {}): Promise<ParsedFolder> {
  const names = await jsonFilesOf(dir);
  const bad: BadFile[] = [];
  const about: ParsedFhir[] = [];
  const withoutPatient: { document: FhirDocument; error: ChartChainError }[] = [];
  for (const file of names.map((name) => join(dir, name))) {
    try {
      const document = readFhirJson(await readText(file, options.maxBytes ?? DEFAULT_MAX_BYTES), file);
      if (options.validate ?? true) await assertValid(file, document);
      try {
        about.push({
          file,
          ...document,
          patient: identifyPatient(file, document.entries, document.bundle !== undefined),
        });
      } catch (error) {
        if (!isChartChainError(error, "NO_PATIENT") || document.bundle) throw error;
        withoutPatient.push({ document, error });
      }
    } catch (error) {
      if (!(error instanceof ChartChainError) || error.code === "VALIDATOR_MISSING") throw error;
      bad.push(badFile(file, error));
    }
  }
  const grouped = groupByPatient(
    dir,
    about,
    withoutPatient.map(({ document }) => document),
  );
  bad.push(...grouped.conflicts);
  withoutPatient.forEach(({ document, error }, at) => {
    if (!grouped.used.has(at)) bad.push(badFile(document.entries[0]?.file ?? dir, error));
  });
  bad.sort((a, b) => (a.file < b.file ? -1 : 1));
  if (bad.length > 0 && (!options.skipBad || grouped.patients.length === 0)) throw hasBadFiles(dir, names.length, bad);
  return { patients: grouped.patients, bad };
}

async function jsonFilesOf(dir: string): Promise<string[]> {
  let names: string[];
  try {
    names = (await readdir(dir)).filter((name) => name.toLowerCase().endsWith(".json")).sort();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new ChartChainError("FHIR_FOLDER_UNREADABLE", `${dir} cannot be read as a folder: ${reason}`, {
      details: { dir, reason },
      hint: "Check the path and the folder's permissions.",
      cause,
    });
  }
  if (names.length > 0) return names;
  throw new ChartChainError("FHIR_FOLDER_EMPTY", `${dir} has no .json file`, {
    details: { dir },
    hint: "Put FHIR R4 JSON files into the folder; folders inside it are not searched.",
  });
}

function badFile(file: string, { code, message }: ChartChainError): BadFile {
  return { file, code, message };
}

function hasBadFiles(dir: string, count: number, bad: readonly BadFile[]): ChartChainError {
  const lines = bad.map(({ code, message }) => `${code}: ${message}`);
  return new ChartChainError(
    "FHIR_FOLDER_HAS_BAD_FILES",
    `${dir}: ${bad.length} of ${count} files cannot be taken\n${lines.join("\n")}`,
    { details: { dir, count, bad }, hint: "Correct or remove these files, or set skipBad to take the others." },
  );
}
