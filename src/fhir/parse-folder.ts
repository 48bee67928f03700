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
  /** Files that are about somebody but don't say who (NO_PATIENT): in no chart until a person says. */
  unassigned: BadFile[];
  /** Files about nobody (Practitioner, Organization …) that no patient's file refers to. */
  unused: string[];
  bad: BadFile[];
}

/**
 * Reads all `*.json` files of a folder (not of folders inside it), in the order of their names.
 *
 * Files are of one patient when they share a reference to the patient or an identifier, and {@link comparePeople} finds one
 * person in their Patient resources; a file that could be of either of two patients is bad. A file without a patient
 * (Medication, Practitioner, Organization …, also a Bundle of them) belongs to the patients whose files refer to it.
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
  const withoutPatient = new Map<FhirDocument, ChartChainError>();
  for (const file of names.map((name) => join(dir, name))) {
    try {
      const document = readFhirJson(await readText(file, options.maxBytes ?? DEFAULT_MAX_BYTES), file);
      if (options.validate ?? true) await assertValid(file, document);
      try {
        about.push({ file, ...document, patient: identifyPatient(file, document.entries) });
      } catch (error) {
        if (!isChartChainError(error, "NO_PATIENT")) throw error;
        withoutPatient.set(document, error);
      }
    } catch (error) {
      if (!(error instanceof ChartChainError) || error.code === "VALIDATOR_MISSING") throw error;
      bad.push(badFile(file, error));
    }
  }
  const { patients, conflicts, ...left } = groupByPatient(dir, about, [...withoutPatient.keys()]);
  bad.push(...conflicts);
  bad.sort((a, b) => (a.file < b.file ? -1 : 1));
  const fileOf = ({ entries: [entry] }: FhirDocument): string => entry?.file ?? dir;
  const filesOf = (documents: ReadonlySet<FhirDocument>): BadFile[] =>
    [...withoutPatient].flatMap(([document, error]) =>
      documents.has(document) ? badFile(fileOf(document), error) : [],
    );
  if (patients.length === 0) bad.push(...filesOf(new Set([...left.unassigned, ...left.unused])));
  if (bad.length > 0 && (!options.skipBad || patients.length === 0)) throw hasBadFiles(dir, names.length, bad);
  return { patients, unassigned: filesOf(left.unassigned), unused: [...left.unused].map(fileOf), bad };
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
