import type { ErrorCode } from "../../../errors/index.js";
import type { Category, SensitivityClass } from "../../vocabulary.js";
import type { ImportRecord } from "./what-changed.js";

/** Records by what they hold. */
export interface RecordCounts {
  /** Records that the chart hadn't got; of a dry run, those that would be added. Amendments are among them. */
  added: number;
  /** Of these, the records that take the place of an earlier version. */
  amended: number;
  /** Records of the input of which the chart has everything. */
  alreadyThere: number;
  /** The added ones, by category. */
  categories: Partial<Record<Category, number>>;
  /** The SENSITIVE ones among them, by class; one with two classes counts in both. */
  sensitivities: Partial<Record<SensitivityClass, number>>;
}

/** What an import did, or would do, for one chart. */
export interface ImportedPatient extends RecordCounts {
  patient: number;
  /** What differs from what is known of the patient and proves nothing, in words for a person. */
  warnings: string[];
}

/** What of an input isn't in a chart. */
export interface NotImported {
  file: string;
  code: ErrorCode;
  message: string;
  /** Its place on the worklist; left out where it has none: the source has to keep it. */
  item?: number;
}

/** An input that waits on the worklist, or would. */
export interface WaitingFile {
  file: string;
  /** Of NDJSON, from 1, where one line waits. */
  line?: number;
  /** Why it waits. */
  code: ErrorCode;
  /** Its number on the worklist; a dry run gives none. */
  item?: number;
}

/** What an import came to. */
export interface ImportReport extends RecordCounts {
  /** True where nothing was written. */
  dryRun: boolean;
  /** By participant. */
  patients: ImportedPatient[];
  /** Why inputs wait on the worklist, or would: how many for each reason. */
  waiting: Partial<Record<string, number>>;
  /** The inputs that wait on the worklist, or would, in the order in which they came. */
  waitingFiles: WaitingFile[];
  /** What neither got into a chart nor onto the worklist. Nothing of it is lost as long as the source keeps it. */
  left: NotImported[];
}

/** Counts of nothing. */
export const noRecords = (): RecordCounts => ({
  ...{ added: 0, amended: 0, alreadyThere: 0 },
  ...{ categories: {}, sensitivities: {} },
});

/** Adds a record to counts. */
export function countRecord(counts: RecordCounts, { category, sensitivities, amends }: ImportRecord): void {
  counts.added += 1;
  if (amends !== undefined) counts.amended += 1;
  counts.categories[category] = (counts.categories[category] ?? 0) + 1;
  for (const each of sensitivities) counts.sensitivities[each] = (counts.sensitivities[each] ?? 0) + 1;
}

/** Adds an input that waits. */
export function countWaiting({ waiting, waitingFiles }: ImportReport, input: WaitingFile): void {
  waiting[input.code] = (waiting[input.code] ?? 0) + 1;
  waitingFiles.push(input);
}

/** Adds some counts to others. */
export function addCounts(to: RecordCounts, more: RecordCounts): void {
  to.added += more.added;
  to.amended += more.amended;
  to.alreadyThere += more.alreadyThere;
  addEach(to.categories, more.categories);
  addEach(to.sensitivities, more.sensitivities);
}

function addEach<Name extends string>(to: Partial<Record<Name, number>>, more: Partial<Record<Name, number>>): void {
  for (const [name, count] of Object.entries(more) as [Name, number][]) to[name] = (to[name] ?? 0) + count;
}
