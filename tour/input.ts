import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { ChartChainError, isChartChainError } from "../src/errors/index.js";
import {
  countResources,
  personalTokens,
  splitIntoRecords,
  type BadFile,
  type FhirRecord,
  type ParsedFhir,
  type PersonalToken,
} from "../src/fhir/index.js";
import { parseFhirFolder, type LeftOut } from "../src/fhir/node/index.js";

/** One patient of the input. */
export interface InputPatient {
  records: FhirRecord[];
  /** What must appear nowhere in public. */
  tokens: PersonalToken[];
}

/** What the tour runs on. */
export interface TourInput {
  /** Where it comes from, for a person to read. */
  source: string;
  patients: InputPatient[];
  resources: number;
  skipped: BadFile[];
  /** What of a folder is no health data. */
  leftOut: LeftOut[];
  /** Practitioners, organizations and the like of an export to whom nobody's data refer. */
  unreferenced: number;
}

/** How the input is read. */
export interface ReadOptions {
  /** Take the others where a file is bad, rather than stop before anything is written. */
  skipBad?: boolean;
  /** How large a JSON file, or a line of NDJSON, may be. */
  maxBytes?: number | undefined;
}

/**
 * Reads a FHIR R4 Bundle or resource, NDJSON, or a folder of them; without a path, HL7's own International Patient
 * Summary examples.
 */
export async function readInput(path: string | undefined, options: ReadOptions = {}): Promise<TourInput> {
  if (path === undefined)
    return read(examplesFolder(), "HL7 International Patient Summary examples", { skipBad: true });
  await stat(path).catch((cause: unknown) => {
    throw new ChartChainError("INPUT_UNREADABLE", `there is nothing to read at ${path}`, {
      hint: "Give the path of a FHIR file or of a folder of them.",
      cause,
    });
  });
  return read(path, path, options);
}

async function read(path: string, source: string, { skipBad = false, maxBytes }: ReadOptions): Promise<TourInput> {
  const size = maxBytes === undefined ? {} : { maxBytes };
  const { patients, unassigned, bad, unreferenced, leftOut } = await parseFhirFolder(path, { skipBad, ...size }).catch(
    (error: unknown) => {
      if (skipBad || !isChartChainError(error, "FHIR_FOLDER_HAS_BAD_FILES")) throw error;
      const { code, message, details, cause } = error;
      throw new ChartChainError(code, message, {
        details,
        hint: "Correct or remove these files, or leave them out with --skip-bad.",
        cause,
      });
    },
  );
  const inputs = patients.flatMap((patient) => patient.inputs);
  return {
    source,
    patients: patients.map((patient) => patientOf(patient.inputs)),
    resources: countResources(...inputs).resources,
    skipped: [...bad, ...unassigned],
    leftOut,
    unreferenced,
  };
}

const patientOf = (inputs: readonly ParsedFhir[]): InputPatient => ({
  records: inputs.flatMap((parsed) => splitIntoRecords(parsed)),
  tokens: personalTokens(inputs.flatMap((input) => input.entries.map((entry) => entry.resource))),
});

const examplesFolder = (): string =>
  join(dirname(fileURLToPath(import.meta.resolve("hl7.fhir.uv.ips/package.json"))), "example");
