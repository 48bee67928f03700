import { ChartChainError, type ErrorCode } from "../../../errors/index.js";
import {
  bundleBytes,
  splitIntoRecords,
  type FhirRecord,
  type FolderPatient,
  type ParsedFhir,
} from "../../../fhir/index.js";
import { ownId, requireVault, type Context } from "../../context.js";
import { approvedTerms } from "../../relationships/approved-terms.js";
import { addRecords } from "../add-record.js";
import type { AddedRecord } from "../added-record.js";
import { anchorWaiting } from "../anchor-waiting.js";
import { requireMayAnchor } from "../may-anchor.js";
import { inTurnOfPatient } from "../settle-additions.js";
import { digestOfContent, discardedInputs, isDoubt, keepInDoubt, type DoubtfulInput } from "./doubts.js";
import { ChartFinder, type AttestedIdentifier } from "./find-chart.js";
import { startProgress, type ImportProgress } from "./import-progress.js";
import {
  addCounts,
  countRecord,
  countWaiting,
  noRecords,
  type ImportedPatient,
  type ImportReport,
} from "./import-report.js";
import { admitToChart, whoseIs } from "./known-people.js";
import { askAboutSensitivity } from "./sensitivity-in-doubt.js";
import { whatChanged, type ImportRecord } from "./what-changed.js";

/** How records of many patients are imported. */
export interface ImportOptions {
  /** Reads and counts: no record is made, nothing goes onto the worklist, and nothing is sent. */
  dryRun?: boolean;
  /** Identifiers that the client's institution attested: whom they name is asked of the chain. */
  attested?: readonly AttestedIdentifier[];
  /** Leaves the anchoring to `anchorWaiting`, see {@link addRecords}. */
  spread?: number;
  /** Is told how far it has come, after each person. */
  onProgress?: (progress: ImportProgress) => void;
  /** Stops it after the person that is under way. The same call again goes on there. */
  signal?: AbortSignal;
}

/** So many records, or patients, or bytes of records, are sealed before they are anchored in one transaction. */
const GROUP = { records: 1_000, patients: 100, bytes: 32 * 1_048_576 };

/** What is in the way of one person's records, and not of everybody's. */
const IN_THE_WAY: ReadonlySet<string> = new Set<ErrorCode>([
  "NOT_AN_ACTIVE_STEWARD",
  "UNKNOWN_PARTICIPANT",
  "IDENTITY_WITHDRAWN",
  // What is there can't be read, to compare the input with it.
  ...(["BLOCK_MISSING", "BLOCK_CORRUPT", "CIPHERTEXT_REFUSED", "KEY_MISSING"] as const),
]);

/**
 * Brings the records of many patients into their charts: finds each person's chart by attested identifiers, holds the input
 * against what is known of the patient, splits it, seals what the chart hasn't got, and anchors the batches of up to 100
 * patients in one transaction.
 *
 * - **Whose**: a person whom nothing names, or several charts; whose chart contradicts the input; who has no active
 *   relationship with the client: the input waits on the worklist, sealed, and nothing of it is in a chart. Records of
 *   categories that the patient didn't agree to wait there by themselves.
 * - **Again**: what is there is not added twice. What changed at its source since is added as a record that amends the earlier
 *   one, see {@link whatChanged}.
 * - **Interrupted**, at any moment: the same call again goes on, and ends as if nothing had happened. What was sealed is
 *   anchored with the next group.
 *
 * Under Node, `importFolder` and `importServer` of `sdk/node` take a path and a FHIR server.
 *
 * @param people whose records they are, such as `patients` of {@link parseFhirFolder}; taken one after another
 * @returns counts by patient, category, class of sensitive data, and reason to wait; of a dry run what would be done. Two
 *   inputs of one dry run aren't held against each other
 * @throws STEWARD_NOT_LICENSED, CHAIN_UNREACHABLE and what else concerns everybody; the reason of `signal`
 *
 * @example
 * const { patients } = await parseFhirFolder("export", { skipBad: true });
 * const { added, waiting } = await clinic.importRecords({ people: patients });
 */
export async function importRecords(
  ctx: Context,
  { people, ...options }: ImportOptions & { people: Iterable<FolderPatient> },
): Promise<ImportReport> {
  const { dryRun = false, attested, spread, onProgress, signal } = options;
  const author = await ownId(ctx);
  const finder = new ChartFinder(ctx, attested);
  const patients = new Map<number, ImportedPatient>();
  const report: ImportReport = { dryRun, ...noRecords(), patients: [], waiting: {}, waitingFiles: [], left: [] };
  const wait = waitingRoom(ctx, report);
  const all = Array.isArray(people) ? (people as FolderPatient[]) : undefined;
  const advance = startProgress(
    onProgress,
    "importing",
    all?.reduce((sum, person) => sum + resourcesOf(person), 0),
  );

  let sealed = { records: 0, patients: 0, bytes: 0 };
  const anchor = async (): Promise<void> => {
    if (dryRun || spread !== undefined) return;
    sealed = { records: 0, patients: 0, bytes: 0 };
    const { refused } = await anchorWaiting(ctx);
    for (const { patient, code, message } of refused) {
      if (patients.has(patient)) report.left.push({ file: `patient ${patient}`, code, message });
    }
  };

  for (const person of people) {
    signal?.throwIfAborted();
    const file = person.files[0] ?? "input";
    try {
      const patient = await finder.find(person.patient, file);
      const counts = patients.get(patient) ?? { patient, ...noRecords(), warnings: [] };
      const of = { ctx, patient, author, person, wait, dryRun };
      const bytes = await inTurnOfPatient(requireVault(ctx), patient, () => importPerson(of, counts, spread ?? 0));
      patients.set(patient, counts);
      if (!dryRun) finder.learn(patient);
      sealed = {
        records: sealed.records + bytes.length,
        patients: sealed.patients + 1,
        bytes: sealed.bytes + bytes.reduce((sum, size) => sum + size, 0),
      };
    } catch (error) {
      if (!isOfOnePerson(error)) throw error;
      for (const { file, text, entries } of person.inputs) {
        const content = text === undefined ? bundleBytes(entries) : new TextEncoder().encode(text);
        const { patient } = error.details;
        await wait({ file, content, ...(typeof patient === "number" ? { patient } : {}) }, error);
      }
    }
    advance(resourcesOf(person));
    const { records, bytes, patients: charts } = sealed;
    if (records >= GROUP.records || bytes >= GROUP.bytes || charts >= GROUP.patients) await anchor();
  }
  // What an earlier run sealed is anchored as well.
  await anchor();
  report.patients = [...patients.values()].sort((a, b) => a.patient - b.patient);
  for (const counts of report.patients) addCounts(report, counts);
  return report;
}

/** Whose records are imported into which chart, and how. */
interface Person {
  ctx: Context;
  patient: number;
  author: number;
  person: FolderPatient;
  wait: Wait;
  dryRun: boolean;
}

/** Puts what is in doubt onto the worklist, or counts it in a dry run. */
type Wait = (input: DoubtfulInput & { file: string }, error: ChartChainError) => Promise<void>;

/** @returns sizes of the records that were sealed */
async function importPerson(
  { ctx, patient, author, person, wait, dryRun }: Person,
  counts: ImportedPatient,
  spread: number,
): Promise<number[]> {
  const inputs = person.inputs.map((parsed): { parsed: ParsedFhir; whole: boolean } => ({ parsed, whole: !dryRun }));
  // All of it is held against the chart before anything of it is added.
  for (const { parsed, whole } of inputs) {
    const { warnings } = await admitToChart(ctx, { patient, whose: whoseIs(parsed), whole });
    const all = [...counts.warnings, ...(person.patient.warnings ?? []), ...warnings];
    counts.warnings = [...new Set(all)];
  }
  const records = inputs.flatMap(({ parsed }) => splitIntoRecords(parsed));
  const { missing, there, held } = await whatChanged(ctx, { patient, author }, records);
  counts.alreadyThere += there.length + held;
  if (!dryRun) for (const { digest, record } of there) await askAboutSensitivity(ctx, { digest, patient, ...record });
  if (missing.length === 0) return [];

  const { standing } = await requireMayAnchor(ctx, patient);
  const terms = await approvedTerms(ctx, { patient, provider: author }, standing);
  const isAgreed = ({ category }: Pick<FhirRecord, "category">) => terms?.categories.includes(category) ?? true;
  const file = person.files[0] ?? "input";
  for (const record of missing.filter((each) => !isAgreed(each))) {
    const { category, confidential, bytes: content } = record;
    const error = new ChartChainError("OUTSIDE_TERMS", `patient ${patient} didn't agree to ${category} records`, {
      details: { patient, category },
      hint: "Propose a relationship on terms that name this category.",
    });
    await wait({ patient, file, confidential, content }, error);
  }
  const agreed = missing.filter(isAgreed);
  for (const records of inGroups(agreed)) {
    if (!dryRun) await seal(ctx, patient, records, spread);
    for (const record of records) countRecord(counts, record);
  }
  return agreed.map(({ bytes }) => bytes.length);
}

async function seal(ctx: Context, patient: number, records: readonly ImportRecord[], spread: number): Promise<void> {
  const onAdded = async ({ digest }: AddedRecord, at: number): Promise<void> => {
    await askAboutSensitivity(ctx, { digest, patient, doubts: records[at]!.doubts });
  };
  await addRecords(ctx, {
    patient,
    spread,
    onAdded,
    records: records.map(({ category, sensitivities, confidential, bytes, amends }) => ({
      ...{ category, sensitivities, confidential, content: bytes },
      ...(amends === undefined ? {} : { amends }),
    })),
  });
}

/** Records of one patient that are sealed together: as many as a group takes. */
function* inGroups(records: readonly ImportRecord[]): Generator<ImportRecord[]> {
  let group: ImportRecord[] = [];
  let size = 0;
  for (const record of records) {
    if (group.length > 0 && (group.length === GROUP.records || size + record.bytes.length > GROUP.bytes)) {
      yield group;
      [group, size] = [[], 0];
    }
    group.push(record);
    size += record.bytes.length;
  }
  if (group.length > 0) yield group;
}

/** Whether an error is about one person's input, so that the others' goes on. */
function isOfOnePerson(error: unknown): error is ChartChainError {
  return isDoubt(error) || (error instanceof ChartChainError && IN_THE_WAY.has(error.code));
}

function waitingRoom(ctx: Context, report: ImportReport): Wait {
  const discarded = discardedInputs(ctx);
  return async (input, error) => {
    // Nobody looks at the same input twice.
    if (discarded.has(digestOfContent(input.content))) return;
    const { file } = input;
    const { code, message } = error;
    const kept = report.dryRun ? undefined : await keepInDoubt(ctx, input, error);
    const item = kept?.details["worklistItem"];
    if (typeof item === "number") countWaiting(report, { file, code, item });
    else if (kept === undefined) countWaiting(report, { file, code });
    else report.left.push({ file, code, message });
  };
}

const resourcesOf = ({ inputs }: FolderPatient): number => inputs.reduce((sum, { entries }) => sum + entries.length, 0);
