/** What was found: a table, the survivors, and a file that is committed. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import { at, digest, ROOT } from "../../setup/project.mjs";
import { roomOf } from "./coverage.mjs";

const NOTICED = ["killed", "timeout"];
const PATH = "tools/mutation/typescript/results.json";

/**
 * @typedef {import("./mutants.mjs").Mutant & import("./judge.mjs").Verdict} Judged
 * @typedef {{ killed: number, timeouts: number, survived: number, notCovered: number, unfinished: number,
 *   stillborn: number, later: number }} Counts unfinished: not asked of all their tests, as the run broke off. later: how many of
 * those that are noticed survived at first.
 */

/**
 * @param {import("./mutants.mjs").Mutant[]} sampled
 * @param {Record<string, import("./judge.mjs").Verdict>} kept by the mutants' ids.
 * @param {{ all: number, seed: number, files: string[], sources: Record<string, string> }} run
 */
export function report(sampled, kept, { all, seed, files, sources }) {
  const judged = sampled
    .filter(({ id }) => kept[id] !== undefined)
    .map((mutant) => ({ ...mutant, ...kept[mutant.id] }));
  const rooms = [...new Set(judged.map(({ file }) => roomOf(file)))].sort();
  const byRoom = Object.fromEntries(
    rooms.map((room) => [room, sharesOf(countsOf(judged.filter(({ file }) => roomOf(file) === room)))]),
  );
  const counts = countsOf(judged);
  for (const [room, of] of [...Object.entries(byRoom), /** @type {const} */ (["all", counts])]) {
    const { killed, timeouts, survived, notCovered, unfinished, stillborn, later } = of;
    const { atFirst, killedPercent, atLeastPercent } = sharesOf(of);
    console.log(
      `${room.padEnd(12)} ${killed} killed, ${timeouts} by time, ${survived} survived, ${notCovered} not covered, ` +
        `${unfinished} unfinished; ${stillborn} don't compile; ${killedPercent} %, at least ${atLeastPercent} %` +
        (later === 0 ? "" : `; at first ${atFirst.killedPercent} %, at least ${atFirst.atLeastPercent} %`),
    );
  }
  const unnoticed = judged
    .filter(({ fate }) => fate === "survived" || fate === "not covered")
    .filter(({ unfinished }) => unfinished === undefined);
  for (const { file, line, operator, fate, was, becomes } of unnoticed) {
    console.log(`\n${fate}: ${file}:${line} (${operator})\n  - ${was}\n  + ${becomes}`);
  }
  const finished = judged.length - counts.unfinished;
  const whole = judged.length === sampled.length;
  const bound = whole ? `; at least ${percent(lowerBound(counts))} % killed` : "";
  console.log(`\n${finished} of a sample of ${sampled.length} judged${bound}`);
  const results = {
    commit: git("rev-parse", "HEAD"),
    sources: digest(Object.entries(sources)),
    date: new Date().toISOString().slice(0, 10),
    seed,
    mutants: all,
    sample: sampled.length,
    judged: finished,
    ...(files.length === 0 ? {} : { files }),
    // The rooms that were tried first say nothing about the others.
    ...(whole ? sharesOf(counts) : counts),
    rooms: byRoom,
    survivors: unnoticed.map(({ file, line, operator, fate, circle, asked, of, was, becomes }) => ({
      ...{ file, line, operator, fate, circle, asked, of, was, becomes },
    })),
  };
  writeFileSync(at(PATH), `${JSON.stringify(results, null, 2)}\n`);
}

/** @param {Judged[]} judged @returns {Counts} */
function countsOf(judged) {
  const unfinished = judged.filter((one) => one.unfinished !== undefined);
  const count = (/** @type {import("./judge.mjs").Fate} */ fate) => judged.filter((one) => one.fate === fate).length;
  return {
    killed: count("killed"),
    timeouts: count("timeout"),
    survived: count("survived") - unfinished.length,
    notCovered: count("not covered"),
    unfinished: unfinished.length,
    stillborn: count("stillborn"),
    later: judged.filter(({ again, fate }) => again && NOTICED.includes(fate)).length,
  };
}

/**
 * Only what was noticed at first says something about mutants outside the sample: tests were written for the others.
 *
 * @param {Counts} counts
 */
const sharesOf = (counts) => {
  const { later } = counts;
  return {
    ...counts,
    ...percentsOf(counts),
    atFirst: percentsOf({ ...counts, killed: counts.killed - later, survived: counts.survived + later }),
  };
};

/** @param {Counts} counts */
const percentsOf = (counts) => ({
  killedPercent: percent(rate(counts)),
  atLeastPercent: percent(lowerBound(counts)),
});

/** @param {Counts} counts */
const noticedOf = ({ killed, timeouts }) => killed + timeouts;
const triedOf = (/** @type {Counts} */ counts) =>
  noticedOf(counts) + counts.survived + counts.notCovered + counts.unfinished;
const rate = (/** @type {Counts} */ counts) => noticedOf(counts) / Math.max(1, triedOf(counts));
/** Cut, not rounded: 84.99 is not 85. */
const percent = (/** @type {number} */ share) => Math.floor(1000 * share) / 10;

const lowerBound = (/** @type {Counts} */ counts) => wilson(noticedOf(counts), triedOf(counts));

/**
 * The lower end of Wilson's score interval at 95 % (Wilson, Journal of the American Statistical Association 22, 1927).
 *
 * @param {number} noticed
 * @param {number} n how many were tried.
 */
export function wilson(noticed, n) {
  if (noticed === 0) return 0;
  const p = noticed / n;
  const z = 1.959964;
  return (p + z ** 2 / (2 * n) - z * Math.sqrt((p * (1 - p)) / n + (z / (2 * n)) ** 2)) / (1 + z ** 2 / n);
}

/** @param {string[]} args */
function git(...args) {
  return spawnSync("git", args, { cwd: ROOT, encoding: "utf8" }).stdout?.trim() ?? "";
}
