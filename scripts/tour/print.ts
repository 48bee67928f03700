import { basename } from "node:path";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import pc from "picocolors";

import type { TourInput } from "./input.js";
import type { TourResult } from "./run.js";
import type { CheckName, Progress } from "./workflow.js";

const number = (value: number): string => Math.round(value).toLocaleString("en-US");

const isPatient = (actor: string): boolean => actor.startsWith("patient ");

/** What each check promises, in words. */
const MEANING: Record<CheckName, string> = {
  everyRecordReadBack: "patients read back every record, byte for byte",
  viewerReadsOnlyGrantedCategories: "a viewer reads what was granted, and nothing else",
  outsiderDenied: "an outsider gets nothing, not even with others' files",
  expiredViewerDenied: "after expiry: no more keys, later records stay closed",
  revokedViewerDenied: "after revocation: no more keys, later records stay closed",
  etherlessPatientServed: "a patient without ether took part in everything",
  tamperedBlockRefused: "one flipped bit on disk is refused",
  historyComplete: "each history is proved complete against the chain",
  shreddedUnreadable: "a shredded record is gone from the vaults that shredded it",
  noPersonalDataOnChain: "no personal data in calldata, logs, storage or blocks",
};

/** Prints a tour while it runs: bars on a terminal, one line for each finished part elsewhere. */
export class TourPrinter {
  readonly #interactive = process.stdout.isTTY === true;
  #bar: { what: string; bar: SingleBar } | undefined;

  begin(input: TourInput): void {
    console.log(
      `\n${pc.bold("ChartChain")}: ${input.patients.length} patients, ${number(input.resources)} FHIR resources`,
    );
    console.log(pc.dim(`from ${input.source}`));
    for (const { file, code } of input.skipped) console.log(pc.yellow(`  left out ${basename(file)} (${code})`));
    console.log();
  }

  readonly progress: Progress = (what, done, of) => {
    if (!this.#interactive) {
      if (done === of) console.log(`  ${what}: ${number(done)}`);
      return;
    }
    if (this.#bar?.what !== what) {
      this.#finish();
      const bar = new SingleBar({ format: `  {bar} {value}/{total} ${what}`, hideCursor: true, barsize: 24 });
      bar.start(of, done);
      this.#bar = { what, bar };
    }
    this.#bar.bar.update(done);
    if (done === of) this.#finish();
  };

  readonly check = (name: CheckName, passed: boolean): void => {
    this.#finish();
    console.log(`${passed ? pc.green("✔") : pc.red("✘")} ${name} ${pc.dim(`— ${MEANING[name]}`)}`);
  };

  end({ report, deploymentGas, retained }: TourResult, seconds: number): void {
    this.#finish();
    const table = new Table({
      head: ["step", "by", "times", "gas (least)", "gas (most)", "ms (median)"],
      colAligns: ["left", "left", "right", "right", "right", "right"],
      style: { head: [], border: this.#interactive ? ["gray"] : [], compact: true },
    });
    table.push(["deploy", "authority", "1", number(deploymentGas), number(deploymentGas), ""]);
    const groups = Map.groupBy(report.steps, ({ step, actor }) => `${step}|${isPatient(actor) ? "patients" : ""}`);
    for (const [key, steps] of groups) {
      const step = key.split("|")[0]!;
      const actors = [...new Set(steps.map(({ actor }) => actor))];
      const by =
        actors.length === 1 ? actors[0]! : `${actors.length} ${isPatient(actors[0]!) ? "patients" : "institutions"}`;
      const gas = steps.map((each) => each.gas);
      const times = steps.map((each) => each.ms).sort((a, b) => a - b);
      const median = times[times.length >> 1] ?? 0;
      table.push([
        step,
        by,
        number(steps.length),
        number(Math.min(...gas)),
        number(Math.max(...gas)),
        median.toFixed(0),
      ]);
    }
    console.log(`\n${table.toString()}\n`);
    console.log(
      `${number(report.records)} records (${number(report.bytes)} bytes) of ${report.patients} patients in ${seconds.toFixed(1)} s.`,
    );
    console.log(
      pc.dim(
        `Former viewers can still open what they read while they were allowed to: ${retained.expired} records after ` +
          `expiry, ${retained.revoked} after revocation. Nothing can undo that.`,
      ),
    );
    const failed = Object.entries(report.checks).filter(([, passed]) => !passed);
    const verdict =
      failed.length === 0
        ? pc.green(`All ${Object.keys(report.checks).length} checks hold.`)
        : pc.red(`${failed.length} checks failed: ${failed.map(([name]) => name).join(", ")}.`);
    console.log(`${pc.bold(verdict)}\n`);
  }

  #finish(): void {
    this.#bar?.bar.stop();
    this.#bar = undefined;
  }
}
