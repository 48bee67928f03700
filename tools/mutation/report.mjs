/** What a run found: a table, the survivors, and a file that is committed. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import { inputsOf, REPORTS } from "../evidence/reports.mjs";
import { at, ROOT } from "../setup/project.mjs";

/**
 * @typedef {import("./mutants.mjs").Mutant & import("./tree.mjs").Verdict} Judged
 * @typedef {{ killed: number, survived: number, unbuilt: number }} Counts unbuilt: what the compiler refuses, or makes
 * the same code of.
 */

/** @param {Judged[]} judged @returns {Counts} */
function countsOf(judged) {
  const count = (/** @type {string[]} */ ...fates) => judged.filter(({ fate }) => fates.includes(fate)).length;
  return {
    killed: count("killed", "timeout"),
    survived: count("survived"),
    unbuilt: count("stillborn", "identical"),
  };
}

/** Cut, not rounded: 94.99 is not 95. @param {Counts} counts */
export function percentOf({ killed, survived }) {
  return killed + survived === 0 ? 0 : Math.floor((1000 * killed) / (killed + survived)) / 10;
}

/** @param {Judged[]} judged @param {number} all how many mutants there are. */
export function printReport(judged, all) {
  const files = [...new Set(judged.map(({ file }) => file))].sort();
  const rows = files.map((file) => ({ file, ...countsOf(judged.filter((mutant) => mutant.file === file)) }));
  const width = Math.max(5, ...files.map((file) => file.length));
  console.log(`\n${"File".padEnd(width)}  killed  survived  unbuilt       %`);
  for (const row of [...rows, { file: "All", ...countsOf(judged) }]) {
    const { file, killed, survived, unbuilt } = row;
    const numbers = [String(killed).padStart(6), String(survived).padStart(8), String(unbuilt).padStart(7)];
    console.log(`${file.padEnd(width)}  ${numbers.join("  ")}  ${percentOf(row).toFixed(1).padStart(6)}`);
  }
  for (const { file, line, operator, was, becomes } of judged.filter(({ fate }) => fate === "survived")) {
    console.log(`\nsurvived: ${file}:${line} (${operator})\n  - ${was}\n  + ${becomes}`);
  }
  const { killed, survived } = countsOf(judged);
  console.log(`\n${killed} of ${killed + survived} mutants killed; ${judged.length} of ${all} tried`);
}

/** @param {Judged[]} judged @param {{ all: number, seed: number, files: string[], failing: string[] }} run */
export function writeResults(judged, { all, seed, files, failing }) {
  const byFile = [...new Set(judged.map(({ file }) => file))].sort();
  const results = {
    of: inputsOf("mutation"),
    commit: git("rev-parse", "HEAD"),
    changed: git("status", "--porcelain", "--", "contracts", "test") !== "",
    date: new Date().toISOString().slice(0, 10),
    mutants: all,
    tried: judged.length,
    seed,
    ...(files.length === 0 ? {} : { files }),
    ...(failing.length === 0 ? {} : { leftOut: failing }),
    ...countsOf(judged),
    contracts: Object.fromEntries(byFile.map((file) => [file, countsOf(judged.filter((one) => one.file === file))])),
    survivors: judged
      .filter(({ fate }) => fate === "survived")
      .map(({ file, line, operator, was, becomes }) => ({ file, line, operator, was, becomes })),
  };
  writeFileSync(at(REPORTS.mutation.path), `${JSON.stringify(results, null, 2)}\n`);
}

/** @param {string[]} args */
function git(...args) {
  return spawnSync("git", args, { cwd: ROOT, encoding: "utf8" }).stdout?.trim() ?? "";
}
