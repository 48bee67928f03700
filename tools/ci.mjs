#!/usr/bin/env node
/**
 * Everything that must hold for a change, within its budget of time. Started by .ci/run, on a fresh clone, by whatever Node
 * the machine has. Ends with one line, "N passed, N failed" (", N skipped"): every test that ran, and one for each command.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { exit, platform } from "node:process";

import { isFresh, REPORTS } from "./evidence/reports.mjs";
import { at, ROOT, textOf } from "./setup/project.mjs";
import { inLanes } from "./test/pool.mjs";

/** What the whole may take, in minutes; and when what still runs is given up. */
const BUDGET = 22;
const END = 88;
/** So many lines of what a failed command printed last are shown once more at the end. */
const LAST_LINES = 100;

const synthea = "../shared/data/fhir/synthea";

/**
 * @typedef {object} Check
 * @property {string[]} command
 * @property {number} minutes then it hangs, and is given up: three times what it takes on two cores that have nothing else to do. Shared
 *   ones were seen to need twice as long.
 * @property {number} [installs] so many minutes more, for what a new machine builds once: Kubo, engines, Slither.
 * @property {string} [counts] the report whose tests count, below .cache.
 * @property {string} [report] not run again where this report is committed, and was made from these very files.
 */

/** Takes both lanes by itself. @type {Check} */
const TESTS = { command: ["npm", "test"], minutes: 55, installs: 10, counts: "test-report.json" };

/** One lane each, the longest first. @type {Check[]} */
const OTHERS = [
  { command: ["npm", "start", "--", ...(existsSync(at(synthea)) ? ["--input", synthea] : [])], minutes: 10 },
  { command: ["npm", "run", "test:interop"], minutes: 12, installs: 9, counts: "interop-report.json" },
  { command: ["npm", "run", "test:gatekeeper"], minutes: 30, installs: 1, counts: "test-report.json" },
  { command: ["npm", "run", "lint"], minutes: 12 },
  { command: ["npm", "run", "test:package"], minutes: 14, installs: 2 },
  { command: ["npm", "run", "test:docs"], minutes: 10 },
  { command: ["npm", "run", "prove"], minutes: 12, report: "proofs" },
  { command: ["npm", "run", "slither"], minutes: 6, installs: 3, report: "slither" },
];

/** @type {{ what: string, ok: boolean, seconds: number | undefined, note: string, output: string }[]} */
const table = [];
const sums = { passed: 0, failed: 0, skipped: 0 };
const started = Date.now();
/** How to end each command that runs. @type {Set<(signal: NodeJS.Signals) => void>} */
const running = new Set();
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.once(signal, () => {
    for (const end of running) end("SIGKILL");
    console.log(`\nBroken off by ${signal}\n\n${sums.passed} passed, ${sums.failed + 1} failed`);
    exit(1);
  });
}

await check(TESTS, true);
const due = OTHERS.filter(({ report }) => report === undefined || !isFresh(report));
for (const { command, report } of OTHERS.filter((other) => !due.includes(other))) {
  const note = `not run again: ${REPORTS[report ?? ""].path} was made from these very files`;
  table.push({ what: command.join(" "), ok: true, seconds: undefined, note, output: "" });
}
await inLanes(due, (each) => check(each, false), 2);

printEngines();
printReports();
printFailures();
printTable();
const { passed, failed, skipped } = sums;
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
exit(failed === 0 ? 0 : 1);

/**
 * Runs a command, given up after its minutes, and counts it as one check.
 *
 * @param {Check} which
 * @param {boolean} alone shows what it prints at once; else when it is done, as another one runs beside it.
 */
async function check({ command, minutes, installs = 0, counts }, alone) {
  const what = command.join(" ");
  if (alone) console.log(`\n═══ ${what}\n`);
  if (counts !== undefined) rmSync(at(".cache", counts), { force: true });
  const began = Date.now();
  const { ok, note, output } = await run(command, minutes + installs, alone);
  const seconds = Math.round((Date.now() - began) / 1000);
  if (!alone) console.log(`\n═══ ${what}\n\n${output.trimEnd()}`);
  console.log(`\n${ok ? "✔" : "✘"} ${what} (${seconds} s${note === "" ? "" : `, ${note}`})`);
  table.push({ what, ok, seconds, note, output });
  sums[ok ? "passed" : "failed"]++;
  if (counts !== undefined) count(counts);
}

/** @param {string[]} command @param {number} minutes @param {boolean} shown */
function run([program, ...args], minutes, shown) {
  return new Promise((resolve) => {
    // A group of its own, so that what it started ends with it.
    const child = spawn(program, args, {
      cwd: ROOT,
      detached: platform !== "win32",
      shell: platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    let late = false;
    const limit = Math.max(0, Math.min(minutes, END - (Date.now() - started) / 60_000));
    const end = (/** @type {NodeJS.Signals} */ signal) => {
      if (platform === "win32") return void child.kill(signal);
      try {
        process.kill(-(/** @type {number} */ (child.pid)), signal);
      } catch {
        // All of it has ended by itself.
      }
    };
    running.add(end);
    const timer = setTimeout(() => {
      late = true;
      end("SIGTERM");
      setTimeout(() => end("SIGKILL"), 30_000).unref();
    }, limit * 60_000);
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.on("data", (chunk) => {
        chunks.push(chunk);
        if (shown) to.write(chunk);
      });
    }
    child.on("error", (error) => chunks.push(Buffer.from(String(error))));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      running.delete(end);
      const note = late
        ? `given up after ${Math.round(limit)} minutes`
        : code === 0
          ? ""
          : `exit code ${code ?? signal}`;
      resolve({ ok: code === 0 && !late, note, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/** Adds the tests of a report. One that is missing is a failure: its command did not get that far. @param {string} name */
function count(name) {
  const text = textOf(".cache", name);
  if (text === undefined) {
    sums.failed++;
    console.log(`✘ .cache/${name} is missing`);
    return;
  }
  try {
    for (const result of JSON.parse(text)) {
      for (const key of /** @type {const} */ (["passed", "failed", "skipped"])) sums[key] += result[key];
    }
  } catch {
    sums.failed++;
    console.log(`✘ .cache/${name} was not written to its end`);
  }
}

function printEngines() {
  console.log("\n═══ Engines on this machine\n");
  const node = at("node_modules", ".bin", "node");
  for (const [engine, command, ...args] of [
    ["Node (machine)", "node", "-v"],
    ["Node (project)", node, "-v"],
    ["Go", "go", "version"],
    ["Python", "python3", "--version"],
    ["anvil", at("node_modules", ".bin", "anvil"), "--version"],
    ["Kubo", node, "tools/kubo.mjs"],
  ]) {
    const { stdout, status } = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
    console.log(`${engine}: ${status === 0 ? stdout.split("\n")[0] : "not here"}`);
  }
  console.log("\n═══ Engines that ran\n");
  for (const { engine, passed: ran, failed: broke, reason } of JSON.parse(
    textOf(".cache", "interop-report.json") ?? "[]",
  )) {
    console.log(`${engine}: ${reason === undefined ? `ran ${ran + broke} tests` : `did not run: ${reason}`}`);
  }
}

/** Reports that take too long to make here: whether they are still about what is here. */
function printReports() {
  console.log("\n═══ Committed reports\n");
  for (const [name, { command, path }] of Object.entries(REPORTS)) {
    if (path.startsWith(".cache/")) continue;
    const state = isFresh(name) ? "✔ fresh" : existsSync(at(path)) ? "  STALE" : "  none ";
    console.log(`${state}  ${path} (${command})`);
  }
}

function printFailures() {
  for (const { what, output } of table.filter(({ ok }) => !ok)) {
    const last = output.trimEnd().split("\n").slice(-LAST_LINES);
    console.log(`\n═══ The end of what failed: ${what}\n\n${last.join("\n")}`);
  }
}

function printTable() {
  const minutes = (Date.now() - started) / 60_000;
  console.log(`\n═══ What took how long\n`);
  for (const { what, ok, seconds, note } of table) {
    const time = seconds === undefined ? "–" : `${seconds} s`;
    console.log(`${ok ? "✔" : "✘"} ${time.padStart(6)}  ${what}${note === "" ? "" : `  (${note})`}`);
  }
  console.log(`\n${minutes.toFixed(1)} minutes in all; the budget is ${BUDGET}${minutes > BUDGET ? ": OVER IT" : ""}`);
}
