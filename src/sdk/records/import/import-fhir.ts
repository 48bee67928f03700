import type { ChartChainError } from "../../../errors/index.js";
import { bundleBytes, parseFhirText, splitIntoRecords, type FhirRecord, type ParsedFhir } from "../../../fhir/index.js";
import { requireVault, type Context } from "../../context.js";
import { isDoubt, keepInDoubt } from "./doubts.js";
import { admitToChart, whoseIs } from "./known-people.js";
import { inTurnOfPatient } from "../settle-additions.js";
import { askAboutSensitivity } from "./sensitivity-in-doubt.js";
import { addRecords } from "../add-record.js";
import type { AddedRecord } from "../added-record.js";
import { requireMayAnchor } from "../may-anchor.js";

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
export interface Confidential {
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

/** An input that is in memory, not parsed yet. */
export interface FhirText {
  /** A FHIR R4 Bundle or resource as JSON, or NDJSON; bytes are UTF-8. */
  content: string | Uint8Array;
  /** What errors and the worklist call it, such as the name of its file. */
  name: string;
  /** Check every resource against the R4 definitions; true unless given. Needs the definition packages, so a browser can't. */
  validate?: boolean;
}

/**
 * Brings a FHIR input into a chart: reads it, holds what it says of its patient against what this vault knows of the
 * participant, splits it, and adds each record; what is new is anchored in one transaction, as a batch. An input that leaves
 * a doubt about whose data it is goes onto the worklist, sealed, and nothing of it into the chart. A record that is SENSITIVE
 * only in doubt is added, and waits there for a person's word.
 *
 * Under Node, {@link importFhirFile} of `sdk/node` takes a path.
 *
 * @param input a text with its name, or `parsed`, what was parsed before
 * @throws CHART_CONTRADICTED, NO_PATIENT, MULTIPLE_PATIENTS, FOREIGN_PATIENT with `details.worklistItem`; what
 *   {@link parseFhirText} and {@link addRecords} throw
 *
 * @example
 * const { records } = await clinic.importFhir({ patient: 7, name: "bundle.json", content: await file.text() });
 */
export async function importFhir(
  ctx: Context,
  input: FhirInput & (FhirText | { parsed: ParsedFhir }),
): Promise<ImportedFhir> {
  const { patient, spread } = input;
  const parsed = "parsed" in input ? input.parsed : await parsedOrKept(ctx, patient, input);
  return inTurnOfPatient(requireVault(ctx), patient, async () => {
    const { warnings } = await admitFhir(ctx, { ...input, parsed });
    return { records: await addSplit(ctx, patient, splitIntoRecords(parsed), spread), warnings };
  });
}

async function parsedOrKept(
  ctx: Context,
  patient: number,
  { content, name, validate = true }: FhirText,
): Promise<ParsedFhir> {
  return parseFhirText(content, name, { validate }).catch((error: unknown) => {
    if (isDoubt(error)) return keepDoubtful(ctx, { patient, name, content, error });
    throw error;
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
 * Puts an input that was refused in doubt onto the worklist, and throws the refusal, which then says where it waits.
 * Under Node, {@link keepDoubtfulFile} of `sdk/node` takes a path.
 *
 * @param error why it was refused: NO_PATIENT, MULTIPLE_PATIENTS, FOREIGN_PATIENT
 *
 * @example
 * const parsed = await parseFhirText(content, name).catch((error) => clinic.keepDoubtful({ name, content, error }));
 */
export async function keepDoubtful(
  ctx: Context,
  {
    patient,
    name,
    content,
    error,
    confidential = false,
  }: Confidential & Pick<FhirText, "content" | "name"> & { patient?: number; error: ChartChainError },
): Promise<never> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
  throw await keepInDoubt(
    ctx,
    { ...(patient === undefined ? {} : { patient }), file: name, confidential, content: bytes },
    error,
  );
}
