import type { BadFile } from "../../fhir/index.js";
import type { ImportedPatient, ImportReport } from "../../sdk/index.js";
import { printable } from "../terminal/printable.js";
import { caution, count, done, facts, next, table } from "../terminal/tables.js";

/** So many patients, or files, are listed; `--json` has all. */
const LISTED = 20;

/** So many of the inputs that wait. */
const WAITING_LISTED = 10;

/** What an import came to, or would, for people. */
export function importInWords(report: ImportReport, more: Record<string, string | undefined> = {}): string {
  const { dryRun, added, amended, alreadyThere, patients, waiting, left, categories, sensitivities } = report;
  const waits = Object.values(waiting).reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const changed = patients.filter((each) => each.added > 0).length;
  const warned = patients.filter(({ warnings }) => warnings.length > 0);
  return [
    done(
      `${dryRun ? "Would add" : "Added"} ${count(added, "record")} of ${count(changed, "patient")}${dryRun ? "; nothing was written" : ""}`,
    ),
    ...(patients.length === 0
      ? []
      : [
          table(["patient", "new", "amended", "there before", "categories"], patients.slice(0, LISTED).map(rowOf)),
          ...(patients.length > LISTED ? [`… and ${count(patients.length - LISTED, "more patient")}: --json`] : []),
        ]),
    facts({
      "take the place of earlier versions": amended === 0 ? undefined : amended,
      "there before": alreadyThere === 0 ? undefined : alreadyThere,
      "by category": counted(categories),
      "sensitive, by class": counted(sensitivities),
      [dryRun ? "would wait on the worklist" : "wait on the worklist"]: waits === 0 ? undefined : counted(waiting),
      ...more,
    }),
    ...(report.waitingFiles.length === 0 ? [] : [waitingInWords(report)]),
    ...warned
      .slice(0, LISTED)
      .flatMap(({ patient, warnings }) => warnings.map((each) => caution(`Of patient ${patient}: ${each}.`))),
    ...(left.length === 0 ? [] : [leftInWords(left)]),
    ...(waits > 0 && !dryRun ? [next("say whose it is: chartchain worklist")] : []),
  ].join("\n");
}

const rowOf = ({ patient, added, amended, alreadyThere, categories }: ImportedPatient): (string | number)[] => [
  ...[patient, added - amended, amended, alreadyThere],
  counted(categories)?.join(", ") ?? "",
];

/** "SUMMARY 3", "MEDICATION 1" */
function counted(counts: Partial<Record<string, number>>): string[] | undefined {
  const entries = Object.entries(counts);
  return entries.length === 0 ? undefined : entries.map(([name, number]) => `${name} ${number}`);
}

function waitingInWords({ waitingFiles, dryRun }: ImportReport): string {
  const rows = waitingFiles
    .slice(0, WAITING_LISTED)
    .map(({ file, line, code, item }) => [
      ...(dryRun ? [] : [item ?? ""]),
      ...[code, printable(line === undefined ? file : `${file}, line ${line}`)],
    ]);
  const more = waitingFiles.length - WAITING_LISTED;
  return [
    table([...(dryRun ? [] : ["item"]), dryRun ? "would wait" : "waits", "input"], rows),
    ...(more > 0 ? [`and ${more} more: --json`] : []),
  ].join("\n");
}

function leftInWords(left: readonly Pick<BadFile, "file" | "code" | "message">[]): string {
  const lines = left.slice(0, LISTED).map(({ file, code, message }) => printable(`${file}: ${code}: ${message}`));
  const more = left.length > LISTED ? [`and ${left.length - LISTED} more: --json`] : [];
  return [caution(`Neither in a chart nor on the worklist, keep it at its source:`), ...lines, ...more].join("\n");
}
