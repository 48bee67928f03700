import { readFile } from "node:fs/promises";

import { ChartChainError } from "../../../errors/index.js";
import { bundleBytes, splitIntoRecords, type BadFile, type FhirRecord, type ParsedFhir } from "../../../fhir/index.js";
import { parseFhirFile, readLine } from "../../../fhir/node/index.js";
import { requireVault, type Context } from "../../context.js";
import { isDoubt, keepInDoubt } from "./doubts.js";
import { admitToChart, whoseIs } from "./known-people.js";
import { inTurnOfPatient } from "../settle-additions.js";
import { askAboutSensitivity } from "./sensitivity-in-doubt.js";
import { addRecords, requireMayAnchor, type AddedRecord } from "../add-record.js";

/** A FHIR input for a chart. */
export interface FhirInput {
  /** Participant id of the patient whose chart it is for. */
  patient: number;
  /** A person's reason to take it although it contradicts what is known of the patient; logged. */
  override?: string;
  /** Leaves the anchoring to `anchorWaiting`, at a random moment within so many seconds, see {@link addRecords}. */
  spread?: number;
}

/** How an input waits that is in doubt. */
interface Confidential {
  /** Care that a minor consented to alone: where it waits, it stays that. */
  confidential?: boolean;
}

/** What an imported input came to. */
export interface ImportedFhir {
  /** What was added, and what was there before, each with the category that it is filed under. */
  records: AddedRecord[];
  /** What differs, in the input itself or from what is known of the patient, and proves nothing: in words for a person. */
  warnings: string[];
}

/**
 * Brings a FHIR file into a chart: reads it, holds what it says of its patient against what this vault knows of the
 * participant, splits it, and adds each record; what is new is anchored in one transaction, as a batch. An input that leaves
 * a doubt about whose data it is goes onto the worklist, sealed, and nothing of it into the chart. A record that is SENSITIVE
 * only in doubt is added, and waits there for a person's word.
 *
 * @param path a FHIR R4 Bundle or resource, as JSON
 * @throws CHART_CONTRADICTED, NO_PATIENT, MULTIPLE_PATIENTS, FOREIGN_PATIENT with `details.worklistItem`; what
 *   {@link parseFhirFile} and {@link addRecords} throw
 *
 * @example
 * const { records } = await clinic.importFhir({ patient: 7, path: "bundle.json" });
 */
export async function importFhir(
  ctx: Context,
  { path, ...input }: FhirInput & { path: string },
): Promise<ImportedFhir> {
  const parsed = await parseFhirFile(path).catch((error: unknown) => {
    if (isDoubt(error)) return keepDoubtful(ctx, { patient: input.patient, path, error });
    throw error;
  });
  const { patient } = input;
  return inTurnOfPatient(requireVault(ctx), patient, async () => {
    const { warnings } = await admitFhir(ctx, { ...input, parsed });
    return { records: await addSplit(ctx, patient, splitIntoRecords(parsed), input.spread), warnings };
  });
}

/** Adds the records of an input, and asks about those that are SENSITIVE only in doubt. */
export async function addSplit(
  ctx: Context,
  patient: number,
  split: readonly FhirRecord[],
  spread?: number,
): Promise<AddedRecord[]> {
  const records = split.map(({ category, sensitivities, confidential, bytes }) => ({
    ...{ category, sensitivities, confidential },
    content: bytes,
  }));
  const onAdded = async ({ digest }: AddedRecord, at: number): Promise<void> => {
    await askAboutSensitivity(ctx, { digest, patient, doubts: split[at]!.doubts });
  };
  return addRecords(ctx, { patient, records, onAdded, ...(spread === undefined ? {} : { spread }) });
}

/**
 * Holds a parsed input against the chart that it is for, before anything of it is added. One that contradicts the chart
 * goes onto the worklist.
 *
 * @returns what differs, among the input's own Patients or from the chart, and proves nothing: in words for a person
 * @throws CHART_CONTRADICTED with `details.differs`, which names elements of Patient and no value; REASON_MISSING
 *
 * @example
 * const { warnings } = await clinic.admitFhir({ patient: 7, parsed: await parseFhirFile("bundle.json") });
 */
export async function admitFhir(
  ctx: Context,
  { patient, parsed, override, confidential = false }: FhirInput & Confidential & { parsed: ParsedFhir },
): Promise<{ warnings: string[] }> {
  // What can't be added isn't decided, either.
  if (override !== undefined) await requireMayAnchor(ctx, patient);
  try {
    const { warnings } = await admitToChart(ctx, { patient, whose: whoseIs(parsed), override, whole: true });
    return { warnings: [...new Set([...(parsed.patient.warnings ?? []), ...warnings])] };
  } catch (error) {
    if (!isDoubt(error)) throw error;
    const { text, entries, file } = parsed;
    const content = text === undefined ? bundleBytes(entries) : new TextEncoder().encode(text);
    throw await keepInDoubt(ctx, { patient, file, confidential, content }, error);
  }
}

/**
 * Puts the files of a folder that were refused in doubt onto the worklist: those without a patient, about several, or that
 * could be either of two patients'.
 *
 * @param bad what `parseFhirFolder` left out: its `bad` and its `unassigned`
 * @returns which wait there, and the others, with what keeps them from it
 *
 * @example
 * const { bad, unassigned } = await parseFhirFolder("inputs", { skipBad: true });
 * const { waiting, others } = await clinic.keepBadFiles({ bad: [...bad, ...unassigned] });
 */
export async function keepBadFiles(
  ctx: Context,
  { bad, confidential = false }: Confidential & { bad: readonly BadFile[] },
): Promise<{ waiting: { file: string; item: number }[]; others: BadFile[] }> {
  const waiting: { file: string; item: number }[] = [];
  const others: BadFile[] = [];
  for (const each of bad) {
    const { file, code, message } = each;
    const doubt = new ChartChainError(code, message, { details: { file } });
    const content = isDoubt(doubt) ? await contentOf(each).catch(() => undefined) : undefined;
    if (content === undefined) others.push(each);
    else {
      const { details, hint = "" } = await keepInDoubt(
        ctx,
        { file, confidential, content: new Uint8Array(content) },
        doubt,
      );
      if (typeof details["worklistItem"] === "number") waiting.push({ file, item: details["worklistItem"] });
      else others.push({ file, code, message: `${message}. ${hint}` });
    }
  }
  return { waiting, others };
}

/** A file, or the one line of NDJSON that was left out. */
async function contentOf({ file, line }: BadFile): Promise<Uint8Array> {
  if (line === undefined) return readFile(file);
  const found = await readLine(file, line);
  if (found === undefined) throw new Error("the file has fewer lines by now");
  return found;
}

/**
 * Puts a file that was refused in doubt onto the worklist, and throws the refusal, which then says where it waits.
 *
 * @param error why it was refused: NO_PATIENT, MULTIPLE_PATIENTS, FOREIGN_PATIENT
 *
 * @example
 * const parsed = await parseFhirFile(path).catch((error) => clinic.keepDoubtful({ path, error }));
 */
export async function keepDoubtful(
  ctx: Context,
  {
    patient,
    path,
    error,
    confidential = false,
  }: Confidential & { patient?: number; path: string; error: ChartChainError },
): Promise<never> {
  const content = await readFile(path).catch(() => undefined);
  if (content === undefined) throw error;
  throw await keepInDoubt(
    ctx,
    { ...(patient === undefined ? {} : { patient }), file: path, confidential, content: new Uint8Array(content) },
    error,
  );
}
