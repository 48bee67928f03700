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
 *   --workers 1 (not two at a time), --file consent/decide (only in files whose path has this), --fresh (forget what was found before)
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
import { compiling } from "./compiler.mjs";
import { instrument, mutatedSources } from "./mutants.mjs";
import { report } from "./report.mjs";
import { ask, isSettled, open } from "./together.mjs";
import { Tree } from "./tree.mjs";

const KEPT = [".cache", "mutation-typescript", "verdicts.json"];

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    sample: { type: "string", default: "650" },
    seed: { type: "string", default: "1" },
    file: { type: "string", multiple: true, default: [] },
    minutes: { type: "string" },
    workers: { type: "string", default: "2" },
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
const NONE = { asked: 0, of: 0 };
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
if (values.survivors) {
  for (const { id } of sampled) {
    if (kept[id] !== undefined && !noticed(kept[id])) kept[id] = { fate: kept[id].fate, again: true };
  }
}
if (!values.report) await tryAll();
report(sampled, kept, { all: wanted.length, seed, files: values.file, sources });
exit(0);

async function tryAll() {
  const trees = Array.from({ length: Number(values.workers) }, () => new Tree(files));
  for (const circle of [0, 1, 2]) await tryCircle(circle, trees);
  for (const tree of trees) tree.close();
}

/** @param {number} circle @param {Tree[]} trees */
async function tryCircle(circle, trees) {
  const known = (/** @type {Verdict | undefined} */ verdict) => noticed(verdict) || (verdict?.circle ?? -1) >= circle;
  // In an order of their own, so that those which a run that breaks off has judged are a sample as well.
  const waiting = sampled.filter(({ id }) => !known(kept[id])).sort((a, b) => a.id.localeCompare(b.id));
  if (waiting.length === 0) return;
  console.log(`${waiting.length} mutants, asked in circle ${circle}`);
  const rooms = new Set(waiting.map(({ file }) => roomOf(file)));
  const tests = new Map([...rooms].map((room) => [room, new Set(circlesOf(room)[circle])]));
  const all = [...new Set([...tests.values()].flatMap((files) => [...files]))].sort();
  const coverage = await coverageOf(trees, files, all, goesOn);
  if (coverage === undefined) return;
  const byFile = new Map(coverage.map((one) => [one.file, one]));
  const of = (/** @type {string} */ file) => all.filter((name) => tests.get(roomOf(file))?.has(name));
  const before = { ...kept };
  const unchecked = waiting.filter(({ id }) => kept[id] === undefined);
  const compiled = compiling(unchecked, sources);
  for (const mutant of unchecked) if (!compiled.has(mutant)) kept[mutant.id] = { fate: "stillborn" };
  save();
  const mutants = waiting
    .filter(({ id }) => kept[id]?.fate !== "stillborn")
    .map((mutant) =>
      open(
        mutant,
        of(mutant.file).flatMap((name) => byFile.get(name) ?? []),
        before[mutant.id]?.unfinished?.did,
      ),
    );
  for (const one of mutants) kept[one.mutant.id] = verdictOf(one, circle, before);
  const progress = new Progress(mutants.length);
  const shown = (/** @type {import("./together.mjs").Open} */ one) => {
    if (isSettled(one)) progress.done({ ...one.mutant, ...kept[one.mutant.id] });
  };
  mutants.filter(isSettled).forEach(shown);
  await ask(trees, mutants, goesOn, (some) => {
    for (const one of some) kept[one.mutant.id] = verdictOf(one, circle, before);
    save();
    some.forEach(shown);
  });
  progress.stop();
}

/**
 * Until all of its tests were asked it survives, too: a run that breaks off then says too little of them, and not too much.
 *
 * @param {import("./together.mjs").Open} one
 * @param {number} circle
 * @param {Record<string, Verdict>} before what inner circles said.
 * @returns {Verdict}
 */
function verdictOf(one, circle, before) {
  const { again, circle: last, unfinished } = before[one.mutant.id] ?? {};
  if (one.noticed !== undefined) return again ? { ...one.noticed, again } : one.noticed;
  const { asked, of } = unfinished ?? (last === undefined ? NONE : { asked: 0, of: 0, ...before[one.mutant.id] });
  return {
    fate: of + one.of === 0 ? "not covered" : "survived",
    ...(again ? { again } : {}),
    ...(isSettled(one) ? { circle } : { ...(last === undefined ? {} : { circle: last }) }),
    asked: asked + one.asked,
    of: of + one.of,
    ...(isSettled(one) ? {} : { unfinished: { asked, of, did: one.did } }),
  };
}

function save() {
  mkdirSync(at(...KEPT.slice(0, -1)), { recursive: true });
  writeFileSync(at(...KEPT), JSON.stringify(kept));
}
