#!/usr/bin/env node
/**
 * Plants one small mistake after the other in the rooms that decide, seal and read, and looks whether a test notices.
 *
 *   npm run mutate:ts                              a sample of 650, the same each time: some 420 compile
 *   npm run mutate:ts -- --sample 1000 --seed 2    another one
 *   npm run mutate:ts -- --minutes 60              then stop; the next run goes on from there
 *   npm run mutate:ts -- --survivors               once more those that survived last time
 *   npm run mutate:ts -- --list                    only show which there are
 *   npm run mutate:ts -- --report                  try nothing: report what was found before
 *   --file consent/decide (only in files whose path has this), --fresh (forget what was found before)
 *
 * What is found is kept in .cache/mutation-typescript as it is found. The report is committed: tools/mutation/typescript/results.json.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { parseArgs } from "node:util";

import { at, textOf } from "../../setup/project.mjs";
import { sampleOf } from "../mutants.mjs";
import { Progress } from "../progress.mjs";
import { circlesOf, coverageOf, roomOf } from "./coverage.mjs";
import { Compiler } from "./compiler.mjs";
import { judge } from "./judge.mjs";
import { instrument, mutatedSources } from "./mutants.mjs";
import { report } from "./report.mjs";
import { Tree } from "./tree.mjs";

/** In this order: consent first, then the rooms whose tests need no chain, which are quick. */
const ROOMS = ["sdk/consent", "crypto", "vault", "fhir", "sdk/release", "sdk/chain", "sdk/records"];
const KEPT = [".cache", "mutation-typescript", "verdicts.json"];

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    sample: { type: "string", default: "650" },
    seed: { type: "string", default: "1" },
    file: { type: "string", multiple: true, default: [] },
    minutes: { type: "string" },
    survivors: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const deadline = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const goesOn = () => Date.now() < deadline;

/** @typedef {import("./judge.mjs").Verdict} Verdict */
/** @type {Record<string, Verdict>} */
const kept = values.fresh ? {} : JSON.parse(textOf(...KEPT) ?? "{}");
const sources = mutatedSources();
const { files, mutants } = await instrument(sources);
const wanted = mutants.filter(
  ({ file }) => values.file.length === 0 || values.file.some((part) => file.includes(part)),
);
const sampled = sampleOf(wanted, Number(values.sample), seed);

if (values.list) {
  for (const { file, line, operator, was, becomes } of sampled) {
    console.log(`${file}:${line} ${operator}\n  - ${was}\n  + ${becomes}`);
  }
  console.log(`${sampled.length} of ${mutants.length} mutants`);
  exit(0);
}

const noticed = (/** @type {Verdict | undefined} */ verdict) =>
  verdict !== undefined && !["survived", "not covered"].includes(verdict.fate);
if (values.survivors) for (const { id } of sampled) if (!noticed(kept[id])) delete kept[id];
if (!values.report) await tryAll();
report(sampled, kept, { all: wanted.length, seed, files: values.file, sources });
exit(0);

async function tryAll() {
  const tree = new Tree(files);
  const compiler = new Compiler(sources);
  for (const circle of [0, 1, 2]) for (const room of ROOMS) await tryRoom(room, circle, tree, compiler);
  tree.close();
}

/** @param {string} room @param {number} circle @param {Tree} tree @param {Compiler} compiler */
async function tryRoom(room, circle, tree, compiler) {
  const known = (/** @type {Verdict | undefined} */ verdict) => noticed(verdict) || (verdict?.circle ?? -1) >= circle;
  // In an order of their own, so that those which a run that breaks off has judged are a sample as well.
  const waiting = sampled
    .filter(({ id, file }) => roomOf(file) === room && !known(kept[id]))
    .sort((a, b) => a.id.localeCompare(b.id));
  if (waiting.length === 0) return;
  console.log(`${waiting.length} mutants of ${room}, asked in circle ${circle}`);
  const coverage = await coverageOf(tree, files, circlesOf(room)[circle], goesOn);
  if (coverage === undefined) return;
  const progress = new Progress(waiting.length);
  for (const mutant of waiting) {
    if (!goesOn()) break;
    const verdict = await judged(mutant, circle, tree, coverage, compiler);
    // What an inner circle alone runs stays a survivor of it.
    kept[mutant.id] = verdict.fate === "not covered" ? { ...verdict, ...kept[mutant.id], circle } : verdict;
    mkdirSync(at(...KEPT.slice(0, -1)), { recursive: true });
    writeFileSync(at(...KEPT), JSON.stringify(kept));
    progress.done({ ...mutant, ...kept[mutant.id] });
  }
  progress.stop();
}

/**
 * @param {import("./mutants.mjs").Mutant} mutant
 * @param {number} circle
 * @param {Tree} tree
 * @param {import("./coverage.mjs").FileCoverage[]} coverage
 * @param {Compiler} compiler
 * @returns {Promise<Verdict>}
 */
async function judged(mutant, circle, tree, coverage, compiler) {
  if (circle === 0 && !compiler.accepts(mutant)) return { fate: "stillborn", seconds: 0 };
  const verdict = await judge(tree, coverage, mutant);
  return noticed(verdict) ? verdict : { ...verdict, circle };
}
