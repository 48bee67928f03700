import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import picocolors from "picocolors";

import { printable } from "../src/cli/terminal/printable.js";
import type { Environment, Output } from "../src/cli/terminal/program.js";
import type { CheckName } from "./checks.js";
import type { TourInput } from "./input.js";
import type { TourResult } from "./run.js";
import type { Progress } from "./workflow.js";

const number = (value: number): string => Math.round(value).toLocaleString("en-US");

const count = (value: number, what: string): string => `${number(value)} ${what}${value === 1 ? "" : "s"}`;

/** Columns of words; the others are numbers. */
const WORDS = ["step", "by", "patient"];

/** How actors of a kind are named together: all that act as one of them stand in one row of a step. */
const kindOf = (actor: string): "patient" | "guardian" | "person" | "authority" | "institution" => {
  if (actor.startsWith("patient ")) return "patient";
  if (actor.startsWith("guardian ")) return "guardian";
  if (actor === "proxy") return "person";
  return actor === "authority" ? "authority" : "institution";
};

/** Who it is, whichever account acts: a patient comes back with another one after a recovery. */
const who = (actor: string): string => actor.replace(/ again$/, "");

/** What each check promises, in words; with the name before it, a line fits into 80 columns. */
const MEANING: Record<CheckName, string> = {
  everyRecordReadBack: "patients read back every record, byte for byte",
  viewerReadsOnlyGrantedCategories: "what was granted, and nothing else",
  outsiderDenied: "an outsider gets nothing, not even with others' files",
  expiredViewerDenied: "no new keys after expiry, later records stay closed",
  revokedViewerDenied: "no new keys after revocation, later records stay closed",
  etherlessPatientServed: "a patient without ether took part in everything",
  gatekeeperEnforces: "over HTTP a clinic finds what was granted, no more",
  reductionAtOnce: "a revocation ends reads from its block on",
  tamperedBlockRefused: "one flipped bit on disk is refused",
  batchProved: "a record's path leads to the batch that the chain holds",
  historyComplete: "each history is proved complete against the chain",
  delegateWithinMask: "a proxy acts within powers and term, no further",
  constraintHeld: "a payer reads the records that were named, no others",
  breakGlassReviewed: "an emergency is seen, reviewed and ended",
  retractedEverywhere: "a record that was wrong is wrong for all who got it",
  thiefLoses: "guardians give the patient back what a thief took",
  shreddedUnreadable: "a shredded record is gone from the vaults that did it",
  splittingEarnsNothing: "many records earn what one does",
  cohortMinimumHeld: "a study with too few gets nothing, and its money back",
  studyPaidExactly: "to the last unit, once, and nothing is left over",
  withdrawnEarnsNothing: "who leaves a study isn't paid by it",
  noPersonalDataOnChain: "none in calldata, logs, storage or blocks",
};

/** Prints a tour while it runs: bars on a terminal, one line for each finished part elsewhere. */
export class TourPrinter {
  readonly #output: Output;
  readonly #interactive: boolean;
  readonly #pc: ReturnType<typeof picocolors.createColors>;
  #bar: { what: string; bar: SingleBar } | undefined;

  constructor(output: Output, environment: Environment) {
    this.#output = output;
    this.#interactive = output.isTTY === true;
    // On a terminal only: a build server counts as one for the library, and its logs do not.
    this.#pc = picocolors.createColors(this.#interactive && !environment["NO_COLOR"]);
  }

  begin(input: TourInput): void {
    const { patients, resources, source, skipped, leftOut, unreferenced } = input;
    this.#print(
      `\n${this.#pc.bold("ChartChain")}: ${count(patients.length, "patient")}, ${count(resources, "FHIR resource")}`,
    );
    this.#print(this.#pc.dim(`from ${printable(source)}`));
    for (const { file, code } of skipped)
      this.#print(this.#pc.yellow(`  left out ${printable(basename(file))} (${code})`));
    for (const { file, reason } of leftOut)
      this.#print(this.#pc.dim(`  left out ${printable(basename(file))} (${reason})`));
    if (unreferenced > 0)
      this.#print(this.#pc.dim(`  left out ${count(unreferenced, "resource")} to which nobody's data refer`));
    this.#print("");
  }

  readonly progress: Progress = (what, done, of) => {
    if (!this.#interactive) {
      if (done === of) this.#print(of === 1 ? `  ${what}` : `  ${what}: ${number(done)}`);
      return;
    }
    if (this.#bar?.what !== what) {
      this.#finish();
      const barsize = Math.max(4, Math.min(24, this.#columns - 60));
      const format = `  {bar} {value}/{total} ${what}`;
      const bar = new SingleBar({ format, hideCursor: true, barsize, stream: this.#output });
      bar.start(of, done);
      this.#bar = { what, bar };
    }
    this.#bar.bar.update(done);
    if (done === of) this.#finish();
  };

  readonly check = (name: CheckName, passed: boolean): void => {
    this.#finish();
    this.#print(`${passed ? this.#pc.green("✔") : this.#pc.red("✘")} ${name} ${this.#pc.dim(`— ${MEANING[name]}`)}`);
  };

  end({ report, deploymentGas, retained }: TourResult, seconds: number): void {
    this.#finish();
    const rows = [["deploy", "authority", "1", number(deploymentGas), ""], ...rowsOf(report.steps)];
    const steps = this.#table(
      ["step", "by", "times", "gas", "ms"],
      rows,
      ([step, by, times, gas, ms]) => `${step}, ${by}: ${times} × ${gas} gas, ${ms || "–"} ms`,
    );
    this.#print(`\n${steps}\n`);
    this.#print(
      `${count(report.records, "record")} (${count(report.bytes, "byte")}) of ${count(report.patients, "patient")} ` +
        `in ${seconds.toFixed(1)} s. A step's time is the median.`,
    );
    this.#print(
      this.#pc.dim(
        `Former viewers can still open what they read while they were allowed to:\n` +
          `${count(retained.expired, "record")} after expiry, ${retained.revoked} after revocation. Nothing can undo that.`,
      ),
    );
    const { what, participants, mean } = report.study;
    this.#print(
      `\nThe study: ${what}: mean ${mean.toFixed(1)} over ${count(participants, "participant")}.\n` +
        `What the patients earned, in CHART; most interest was sold to the researcher:\n` +
        this.#earnings(report.earnings),
    );
    const failed = Object.entries(report.checks).filter(([, passed]) => !passed);
    const verdict =
      failed.length === 0
        ? this.#pc.green(`All ${Object.keys(report.checks).length} checks hold.`)
        : this.#pc.red(`${count(failed.length, "check")} failed: ${failed.map(([name]) => name).join(", ")}.`);
    this.#print(`${this.#pc.bold(verdict)}\n`);
  }

  get #columns(): number {
    return this.#output.columns || 80;
  }

  #print(text: string): void {
    this.#output.write(`${text}\n`);
  }

  #earnings(earnings: TourResult["report"]["earnings"]): string {
    const rows = earnings.map(({ patient, records, interest, study }) => [patient, number(records), interest, study]);
    return this.#table(
      ["patient", "records", "interest", "studies"],
      rows,
      ([patient, records, interest, study]) => `${patient}: ${records} records, interest ${interest}, studies ${study}`,
    );
  }

  /** A table; one line for each row where the terminal is too narrow for it. What isn't a number is on the left. */
  #table(head: string[], rows: string[][], line: (row: string[]) => string): string {
    const table = new Table({
      head,
      colAligns: head.map((name) => (WORDS.includes(name) ? "left" : "right")),
      style: { head: [], border: this.#interactive && this.#pc.isColorSupported ? ["gray"] : [], compact: true },
    });
    table.push(...rows);
    const drawn = table.toString();
    const width = stripVTControlCharacters(drawn.split("\n")[0]!).length;
    if (!this.#interactive || width <= this.#columns) return drawn;
    return rows.map(line).join("\n");
  }

  #finish(): void {
    this.#bar?.bar.stop();
    this.#bar = undefined;
  }
}

/** One row for all transactions of a step by actors of one kind; guardians and other persons share one. */
function rowsOf(steps: TourResult["report"]["steps"]): string[][] {
  const rowOf = (actor: string) => (kindOf(actor) === "guardian" ? "person" : kindOf(actor));
  const groups = Map.groupBy(steps, ({ step, actor }) => `${step}|${rowOf(actor)}`);
  return [...groups.values()].map((group) => {
    const actors = [...new Set(group.map(({ actor }) => who(actor)))];
    const [kind, ...others] = [...new Set(actors.map(kindOf))];
    const gas = group.map((each) => each.gas);
    const [least, most] = [Math.min(...gas), Math.max(...gas)];
    const times = group.map(({ ms }) => ms).sort((a, b) => a - b);
    return [
      group[0]!.step,
      actors.length === 1 ? actors[0]! : count(actors.length, others.length === 0 ? kind! : "person"),
      number(group.length),
      least === most ? number(least) : `${number(least)}–${number(most)}`,
      times[times.length >> 1]!.toFixed(0),
    ];
  });
}
