#!/usr/bin/env node
/**
 * Checks what this project seals, hashes and signs against code that nobody here wrote: each engine of test/interop in
 * turn. It builds what it needs from the package registries; an engine that this machine cannot have is skipped with the
 * reason in sight.
 *
 *   npm run test:interop                       every engine
 *   npm run test:interop -- tink kubo          only these
 *   npm run test:interop -- --strict           an engine that is missing is a failure
 *   npm run test:interop -- --write-vectors    makes test/vectors/*.json anew, and checks them
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { argv, env, exit } from "node:process";

import { at, ROOT } from "./setup/project.mjs";
import { runTests } from "./test/run.mjs";

const MOCHA = "node_modules/mocha/bin/mocha.js";
const SUFFIX = ".interop.ts";
/** What ran, for programs, in the form of the report of `npm test`. */
const REPORT = at(".cache", "interop-report.json");

/** Kubo comes last: where it must be built, that takes longer than all others together. */
const ENGINES = globSync(`test/interop/*${SUFFIX}`, { cwd: ROOT })
  .map((file) => basename(file, SUFFIX))
  .sort((a, b) => Number(a === "kubo") - Number(b === "kubo") || a.localeCompare(b));

/** Node's word about its experimental algorithms would bury what matters. */
const QUIET = { NODE_OPTIONS: `${env.NODE_OPTIONS ?? ""} --disable-warning=ExperimentalWarning`.trim() };

const flags = argv.slice(2).filter((arg) => arg.startsWith("--"));
const chosen = argv.slice(2).filter((arg) => !arg.startsWith("--"));
const unknown = [
  ...flags.filter((flag) => flag !== "--strict" && flag !== "--write-vectors"),
  ...chosen.filter((name) => !ENGINES.includes(name)),
];
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Engines: ${ENGINES.join(", ")}; options: --strict, --write-vectors.`);
  exit(2);
}

exit(flags.includes("--write-vectors") ? await writeVectors() : await runEngines(flags.includes("--strict")));

/** @returns {Promise<number>} the exit code. */
async function writeVectors() {
  const written = await runTests(["--import", "tsx", "test/interop/write-vectors.ts"], { env: QUIET });
  if (!written.ok) return 1;
  const checked = await runTests([MOCHA, "test/vectors/*.test.ts"], { env: QUIET });
  printTotals([checked]);
  return checked.ok && checked.passed > 0 ? 0 : 1;
}

/** @param {boolean} strict @returns {Promise<number>} the exit code. */
async function runEngines(strict) {
  mkdirSync(at(".cache"), { recursive: true });
  rmSync(REPORT, { force: true });
  const results = [];
  for (const name of ENGINES) {
    if (chosen.length === 0 || chosen.includes(name)) results.push(await runEngine(name, strict));
  }
  printTable(results);
  printTotals(results);
  writeFileSync(REPORT, JSON.stringify(results, null, 2));
  return results.every(({ ok }) => ok) ? 0 : 1;
}

/** @param {string} name @param {boolean} strict */
async function runEngine(name, strict) {
  const file = at(".cache", "interop", `${name}.json`);
  rmSync(file, { force: true });
  const started = Date.now();
  const spec = `test/interop/${name}${SUFFIX}`;
  const run = await runTests([MOCHA, "--exit", spec], { env: { ...QUIET, CHARTCHAIN_INTEROP_LEDGER: file } });
  const seconds = Math.round((Date.now() - started) / 1000);
  /** @type {{ engine: string, checked: Record<string, number>, skipped?: string }} */
  const ledger = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { engine: name, checked: {} };

  const { passed, skipped } = run;
  // A run that broke off without a verdict, that checked nothing, or that had to run and did not, is a failure too.
  const missing = ledger.skipped !== undefined && strict;
  const empty = ledger.skipped === undefined && passed === 0;
  const failed = Math.max(run.failed, !run.ok || missing || empty ? 1 : 0);
  return {
    name,
    engine: ledger.engine,
    ok: failed === 0,
    passed,
    failed,
    skipped,
    seconds,
    checked: ledger.checked,
    reason: ledger.skipped,
  };
}

/** @param {Awaited<ReturnType<typeof runEngine>>[]} results */
function printTable(results) {
  const width = Math.max(6, ...results.map(({ engine }) => engine.length));
  console.log(`\n  ${"Engine".padEnd(width)}  passed  failed  skipped  time   checked`);
  for (const { engine, ok, passed, failed, skipped, seconds, checked, reason } of results) {
    const numbers = [passed, failed, skipped].map((count, i) => String(count).padStart([6, 6, 7][i] ?? 0)).join("  ");
    const lines = Object.entries(checked).map(([what, count]) => `${count} ${what}`);
    const mark = ok ? (passed > 0 ? "✔" : "-") : "✘";
    console.log(
      `${mark} ${engine.padEnd(width)}  ${numbers}  ${`${seconds} s`.padEnd(5)}  ${lines[0] ?? reason ?? ""}`,
    );
    for (const line of lines.slice(1)) console.log(" ".repeat(width + 34) + line);
  }
}

/** @param {{ passed: number, failed: number, skipped: number }[]} results */
function printTotals(results) {
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    results.reduce((total, run) => total + run[key], 0);
  const skipped = sum("skipped");
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
}
