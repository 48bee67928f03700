import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { splitIntoRecords, type BadFile, type FhirRecord, type ParsedFhir } from "../../fhir/index.js";
import { parseFhirFile, parseFhirFolder, type LeftOut } from "../../fhir/node/index.js";
import { isDoubt, type Category, type RecordInput } from "../../sdk/index.js";
import { sizeOfFile } from "../files/input-file.js";
import type { Progress } from "../terminal/progress.js";
import { withHint } from "../terminal/report-error.js";
import { count } from "../terminal/tables.js";

/** A record that is about to be added. */
export interface PreparedRecord extends Omit<RecordInput, "patient" | "content"> {
  category: Category;
  size: number;
  /** How many FHIR resources it holds; undefined for any other file. */
  resources: number | undefined;
  /** What of it is SENSITIVE only until a person has looked. */
  doubts?: FhirRecord["doubts"];
  /** The plaintext; `progress` is told how many bytes were read where it streams. */
  content: (progress: Progress) => RecordInput["content"];
}

/** Which of the patients of an export is meant, and how large a file or line may be. */
export interface InputChoice {
  about?: string | undefined;
  maxBytes?: number | undefined;
  /** True to leave out files that are no good, rather than to refuse the folder. */
  skipBad?: boolean;
  /** Is told of each document that was read. */
  onRead?: () => void;
}

/** What was read about one patient. */
export interface FhirInputs {
  inputs: ParsedFhir[];
  /** What beside it is about somebody but doesn't say who. */
  unassigned: BadFile[];
  /** What was refused: all that is no good with `skipBad`, else what is in doubt beside whom `about` names. */
  bad: BadFile[];
  /** What a person should know of the input: that something of it is elsewhere. */
  notes: string[];
  /** What else is in the folder and not among them. */
  leftOut: LeftOut[];
}

/** The records of FHIR inputs. The same inputs give the same records in the same order. */
export function fhirRecords(inputs: readonly ParsedFhir[]): PreparedRecord[] {
  const records = inputs.flatMap((parsed) => splitIntoRecords(parsed));
  return records.map(({ category, sensitivities, confidential, resources, doubts, bytes, mediaType }) => ({
    category,
    sensitivities,
    confidential,
    size: bytes.length,
    mediaType,
    resources: resources.length,
    doubts,
    content: () => bytes,
  }));
}

/**
 * The inputs in a FHIR file, or in a folder of them, about one patient.
 *
 * @throws MULTIPLE_PATIENTS or NO_PATIENT with `details.patients` where several are in it and `about` names none of them;
 *   the codes of reading FHIR
 */
export async function fhirInputs(
  path: string,
  { about, maxBytes, skipBad = false, onRead }: InputChoice = {},
): Promise<FhirInputs> {
  const options = { skipBad, ...(onRead && { onRead }), ...(maxBytes === undefined ? {} : { maxBytes }) };
  // What isn't there is a file that isn't there.
  if (!(await stat(path).catch(() => undefined))) {
    return { inputs: [await parseFhirFile(path, options)], unassigned: [], bad: [], notes: [], leftOut: [] };
  }
  const { patients, unassigned, bad, deletedElsewhere, unused, leftOut } = await parseFhirFolder(path, options).catch(
    (error: unknown) => {
      if (!isChartChainError(error, "FHIR_FOLDER_HAS_BAD_FILES") || skipBad) throw error;
      // Whoever is left without the doubtful files need not be who is meant.
      if (about !== undefined && isDoubtOnly(error)) return parseFhirFolder(path, { ...options, skipBad: true });
      throw withHint(error, isDoubtOnly(error) ? SAY_WHO : GO_ON_WITHOUT);
    },
  );
  const chosen = about === undefined ? patients : patients.filter(({ patient }) => patient.names.includes(about));
  const [only, another] = chosen;
  if (only && !another) {
    const aboutNobody = unused.map((file) => ({ file, reason: "nobody's data refer to it" }));
    const notes = notesOn(only.inputs, deletedElsewhere);
    return { inputs: only.inputs, unassigned, bad, notes, leftOut: [...leftOut, ...aboutNobody] };
  }
  if (about === undefined) {
    throw new ChartChainError("MULTIPLE_PATIENTS", `${path} holds ${patients.length} patients`, {
      details: { path, patients: patients.length },
      hint: "Say whom you mean with --about, as the input names the patient: Patient/ID, or identifier:SYSTEM|VALUE.",
    });
  }
  throw new ChartChainError("NO_PATIENT", `${path} holds ${patients.length} patients, and none of that name`, {
    details: { path, patients: patients.length },
    hint: "Name the patient as the input does: Patient/ID, or identifier:SYSTEM|VALUE.",
  });
}

const isDoubtOnly = ({ details }: ChartChainError): boolean =>
  (details["bad"] as readonly BadFile[]).every(({ code, message }) => isDoubt(new ChartChainError(code, message)));

const SAY_WHO =
  "Nothing is added. Say whom you mean with --about: what is in doubt then waits on the worklist. Or add the others with --skip-bad.";
const GO_ON_WITHOUT = "Nothing is added. Correct or remove these files, or add the others with --skip-bad.";

function notesOn(inputs: readonly ParsedFhir[], deletedElsewhere: number): string[] {
  // https://hl7.org/fhir/R4/http.html#paging
  const isPage = inputs.some(({ bundle }) => bundle?.link?.some(({ relation }) => relation === "next"));
  return [
    ...(isPage ? ['The input is one page of several: its link "next" leads to the others. Add them, too.'] : []),
    ...(deletedElsewhere > 0
      ? [
          `${count(deletedElsewhere, "deletion")} of the input ${deletedElsewhere === 1 ? "is" : "are"} of resources that it doesn't hold: what was added of them before stays in the chart.`,
        ]
      : []),
  ];
}

/** Any file as one record, streamed. */
export async function fileRecord(path: string, category: Category, mediaType: string): Promise<PreparedRecord> {
  const { size } = await sizeOfFile(path);
  return { category, size, mediaType, resources: undefined, content: (progress) => () => counted(path, progress) };
}

async function* counted(path: string, progress: Progress): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    yield chunk;
    progress.update((read += chunk.length));
  }
}
