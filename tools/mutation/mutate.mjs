#!/usr/bin/env node
/**
 * Plants one small mistake after the other in the core contracts, and looks whether a test notices.
 *
 *   npm run mutate                                  every mutant: many hours
 *   npm run mutate -- --sample 300 --seed 1         the same 300 each time
 *   npm run mutate -- --file Records --file types/  only in files whose path has one of these
 *   npm run mutate -- --survivors                   once more those that survived last time
 *   npm run mutate -- --list                        only show which there are
 *   npm run mutate -- --report                      try nothing: report what was found before
 *   --workers 2, --fresh (forget what was found before), --per-file 12 (at most so many of each file)
 *   --minutes 60 (then stop, and report what there is)
 *
 * What is found is kept in .cache/mutation.json as it is found, so a run that breaks off goes on where it was. The report
 * goes to tools/mutation/results.json, which is committed.
 */
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { at, NODE, textOf } from "../setup/project.mjs";
import { contractSources, coreFiles, mutantsOf, sampleOf } from "./mutants.mjs";
import { Progress } from "./progress.mjs";
import { printReport, writeResults } from "./report.mjs";

const KEPT = [".cache", "mutation.json"];

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    file: { type: "string", multiple: true, default: [] },
    "per-file": { type: "string" },
    workers: { type: "string", default: "2" },
    minutes: { type: "string" },
    survivors: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});

/** @typedef {import("./mutants.mjs").Mutant & import("./tree.mjs").Verdict} Judged */
/** @type {Record<string, Judged>} */
const kept = values.fresh ? {} : JSON.parse(textOf(...KEPT) ?? "{}");
const seed = Number(values.seed);
const files = coreFiles().filter((file) => values.file.length === 0 || values.file.some((part) => file.includes(part)));
const all = mutantsOf(contractSources(), files);
const perFile = Number(values["per-file"] ?? Infinity);
const limited = files.flatMap((file) =>
  sampleOf(
    all.filter((mutant) => mutant.file === file),
    perFile,
    seed,
  ),
);
const sampled = sampleOf(limited, Number(values.sample ?? Infinity), seed);
const chosen = values.survivors ? sampled.filter(({ id }) => kept[id]?.fate === "survived") : sampled;

if (values.list) {
  for (const { file, line, operator, was, becomes } of chosen) {
    console.log(`${file}:${line} ${operator}\n  - ${was}\n  + ${becomes}`);
  }
  console.log(`${chosen.length} of ${all.length} mutants`);
  exit(0);
}

const deadline = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
// In an order of their own, so that a run that breaks off has seen every file.
const waiting = sampleOf(chosen, chosen.length, seed)
  .map((mutant) => ({ mutant, key: mutant.id }))
  .sort((a, b) => a.key.localeCompare(b.key))
  .map(({ mutant }) => mutant)
  .filter(({ id }) => values.survivors || kept[id] === undefined);
mkdirSync(at(".cache"), { recursive: true });
/** @type {string[]} */
let failing = [];
if (waiting.length > 0 && !values.report) await tryAll();

const judged = sampled.filter(({ id }) => kept[id] !== undefined).map((mutant) => ({ ...mutant, ...kept[mutant.id] }));
printReport(judged, all.length);
writeResults(judged, { all: all.length, seed, files: values.file, failing });

async function tryAll() {
  const size = Math.max(1, Math.min(Number(values.workers), waiting.length));
  const workers = await Promise.all(Array.from({ length: size }, () => startWorker()));
  console.log(`${waiting.length} mutants to try, ${chosen.length - waiting.length} known from before`);
  console.log("Running the tests of these contracts without a mutant …");
  ({ failing } = await workers[0].ask({ check: [...new Set(waiting.map(({ file }) => file))] }));
  if (failing.length > 0) console.log(`Fail without a mutant, and judge none: ${failing.join(", ")}`);
  for (const worker of workers) worker.tell({ leaveOut: failing });

  const progress = new Progress(waiting.length);
  await Promise.all(
    workers.map(async (worker) => {
      for (let mutant = waiting.shift(); mutant !== undefined && Date.now() < deadline; mutant = waiting.shift()) {
        const { verdict } = await worker.ask({ judge: mutant });
        kept[mutant.id] = { ...mutant, ...verdict };
        writeFileSync(at(...KEPT), JSON.stringify(kept));
        progress.done(kept[mutant.id]);
      }
      worker.stop();
    }),
  );
  progress.stop();
}

async function startWorker() {
  const child = fork(fileURLToPath(new URL("worker.mjs", import.meta.url)), { execPath: NODE });
  /** @type {{ resolve: (answer: any) => void, reject: (error: Error) => void } | undefined} */
  let asked;
  const answer = () => new Promise((resolve, reject) => (asked = { resolve, reject }));
  child.on("message", (message) => asked?.resolve(message));
  child.on("exit", (code) => asked?.reject(new Error(`a worker ended with ${code}`)));
  await answer();
  return {
    /** @param {import("./worker.mjs").Request} request @returns {Promise<any>} */
    ask(request) {
      const answered = answer();
      child.send(request);
      return answered;
    },
    /** @param {import("./worker.mjs").Request} request */
    tell: (request) => child.send(request),
    stop: () => child.disconnect(),
  };
}
