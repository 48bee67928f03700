#!/usr/bin/env node
/**
 * Every test, and the coverage of contracts and TypeScript.
 *
 *   npm test
 *   npm test -- test/crypto/padding.test.ts test/contracts/Records.t.sol   only these files, each test with its name
 *   npm test -- apps/gatekeeper            only what is in this folder, in TypeScript
 *   npm run test:fast          for every day: without the slowest files and without coverage, few random runs
 *   npm run test:deep          the tests that can try more, trying much more: random runs, interleavings; no coverage
 */
import { chmodSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { argv, exit, getuid } from "node:process";

import ts from "typescript";

import { kuboBinary } from "./kubo.mjs";
import { dropReport, keepReport } from "./evidence/reports.mjs";
import { at, ROOT, textOf } from "./setup/project.mjs";
import { RANDOM_RUNS } from "./test/random-runs.mjs";
import { judge, readLcov } from "./test/lcov.mjs";
import { heavyFirst, isSlow, SLOW } from "./test/order.mjs";
import { inLanes, LANES, Worker } from "./test/pool.mjs";
import { runTests } from "./test/run.mjs";
import { scratchFolder } from "./test/scratch.mjs";

/**
 * Tests of the contracts that are run once more, instrumented, for the contracts' coverage. Not those that ask the same lines
 * thousands of questions.
 */
const COVERING = ["test/contracts/*.test.ts", "test/contracts/modules/*.test.ts", "test/security/authority.test.ts"];
const NOT_COVERING = /ConsentsTruthTable|typed-data-page/;

/** Tests of contracts and tools run few lines of what is measured in TypeScript, and half as fast while it is. */
const NOT_MEASURED = /^test\/(contracts|security|gas|proofs)\//;

/** Percent of lines that the tests must run. */
const TYPESCRIPT_LINES = 98;
const CONTRACT_LINES = 100;

const HARDHAT = "node_modules/hardhat/dist/src/cli.js";
const C8 = "node_modules/c8/bin/c8.js";
/** What ran, for programs: .ci/run adds it up. */
const REPORT = at(".cache", "test-report.json");

/** Where Hardhat writes it. */
const CONTRACT_LCOV = "coverage/lcov.info";
const RAW = ".cache/typescript-coverage";
// The ABIs are generated, and the catalogue's texts are the errors' page, which lint holds: nothing of either runs. A store in
// a browser runs in Chromium alone (test/storage/browser.test.ts), which isn't measured here.
const measured = [
  "--all",
  "--src",
  ".",
  "--include",
  "{src/!(abi),devnet,scripts,tour}/**/*.ts",
  "--exclude",
  "src/errors/catalogue/**",
  "--exclude",
  "src/storage/web/**",
];
const report = ["--reporter", "lcovonly", "--reports-dir", "coverage/typescript", "--temp-directory", RAW];

const deep = argv.includes("--deep");
const fast = argv.includes("--fast");
const chosen = [...new Set(argv.slice(2).filter((arg) => !arg.startsWith("--")))].flatMap(testsIn);
const unusable = [
  ...argv.slice(2).filter((arg) => arg.startsWith("--") && !["--deep", "--fast"].includes(arg)),
  ...chosen.filter((file) => textOfFile(file) === undefined),
];
if (unusable.length > 0) {
  console.error(
    `No test file, and no flag of this command: ${unusable.join(", ")}. It takes paths from the project's root.`,
  );
  exit(2);
}
/** The whole suite, which is measured and counted. */
const whole = chosen.length === 0 && !deep && !fast;

const MINUTE = 60_000;
/** A test that takes longer hangs: nothing is ever so slow, also on a machine that is busy. */
const TIMEOUT = deep ? 60 * MINUTE : 5 * MINUTE;

/** @typedef {{ name: string, ok: boolean, text: string, passed: number, failed: number, skipped: number }} Result */
/** @type {Result[]} */
const results = [];
mkdirSync(at(".cache"), { recursive: true });
rmSync(REPORT, { force: true });
if (whole) dropReport("tests");

const solidity = chosen.filter((file) => file.endsWith(".sol"));
const typescript = chosen.length > 0 ? chosen.filter((file) => !file.endsWith(".sol")) : heavyFirst(suite());
/** @type {import("./test/pool.mjs").FileRun[]} */
const runs = [];
/** Programs of many tests that failed, and what they printed. @type {{ what: string, text: string }[]} */
const broken = [];

if (chosen.length === 0 || solidity.length > 0) await stage("Compilation", compile);
const started = Date.now();
const coverage = whole ? emptyCoverage() : undefined;
const scratch = scratchFolder();
await testAll();
const tested = Date.now();
if (whole) {
  await stage("TypeScript coverage", typescriptCoverage);
  await stage("Contract coverage", contractCoverage);
}

printSlowest();
printFailures();
heading("Result");
if (fast) console.log(`Left out: ${SLOW.length} files that take longest, and coverage. npm test runs everything.\n`);
for (const { name, ok, text } of results) console.log(`${ok ? "✔" : "✘"} ${name}: ${text}`);
const total = (/** @type {"passed" | "failed" | "skipped"} */ key) => results.reduce((sum, run) => sum + run[key], 0);
console.log(`\n${total("passed")} tests passed, ${total("failed")} failed, ${total("skipped")} skipped`);
console.log(`${seconds(tested - started)} for the tests, ${seconds(Date.now() - started)} in all, in ${LANES} lanes`);
if (chosen.length === 0 && !fast) {
  keepReport(...(deep ? ["deep", { ...RANDOM_RUNS.deep, stages: results }] : ["tests", results]));
}
exit(results.every(({ ok }) => ok) ? 0 : 1);

/** A file, or those of a folder. @param {string} path */
function testsIn(path) {
  if (/\.(ts|sol)$/.test(path)) return [path];
  const found = globSync(`${path}/**/*.test.ts`, { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
  return found.length > 0 ? found.sort() : [path];
}

/** @param {string} file */
function textOfFile(file) {
  return /\.(ts|sol)$/.test(file) ? textOf(file) : undefined;
}

/** The files in TypeScript that belong to this kind of run. */
function suite() {
  const all = globSync("test/**/*.test.ts", { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
  // In a deep run the others would try the same once more.
  if (deep) return all.filter((file) => textOf(file)?.includes("CHARTCHAIN_DEEP"));
  return fast ? all.filter((file) => !isSlow(file)) : all;
}

/** Hardhat with one of the project's configurations: each has artifacts of its own. @param {"fast" | "coverage"} which */
function hardhat(which) {
  const coverage = which === "coverage" ? ["--coverage"] : [];
  return [HARDHAT, "--config", `tools/hardhat-${which}.config.ts`, "--no-typechain", ...coverage];
}

/** Apart from the tests, whose time it isn't. What didn't change isn't compiled again. */
async function compile() {
  // Chosen tests alone would compile only what they import, but not what they deploy.
  const builds = [[...hardhat("fast"), "build"], ...(whole ? [[...hardhat("coverage"), "build", "--no-tests"]] : [])];
  let ok = true;
  await inLanes(builds, async (args) => {
    const build = await runTests(args, { quiet: true });
    ok &&= build.ok;
    if (!build.ok) console.log(build.output);
  });
  // Where the machine can have it, the store's tests want it; built once for a machine, it takes minutes.
  if (whole) kuboBinary();
  return { ok, text: ok ? "everything that the tests need is there" : "the contracts or their tests don't compile" };
}

/** All tests, in lanes: those in Solidity are one task, those for the contracts' coverage another, each file in TypeScript one. */
async function testAll() {
  heading("Tests");
  const workers = Array.from({ length: LANES }, () => new Worker(environment(true)));
  const plain = Array.from({ length: LANES }, () => new Worker(environment(false)));
  const tasks = [
    ...(chosen.length === 0 || solidity.length > 0 ? [solidityTests] : []),
    ...(whole ? [instrumentedTests] : []),
    ...typescript.map(
      (file) => (/** @type {number} */ lane) =>
        typescriptTests(file, (NOT_MEASURED.test(file) ? plain : workers)[lane]),
    ),
  ];
  await inLanes(tasks, (task, lane) => task(lane));
  await Promise.all([...workers, ...plain].map((worker) => worker.close()));
  if (typescript.length > 0) note("TypeScript tests", summary(runs, Date.now() - started));
}

/** What the tests of a worker are told. @param {boolean} isMeasured whether lines of TypeScript that run are noted. */
function environment(isMeasured) {
  return {
    ...(deep ? { CHARTCHAIN_DEEP: "1" } : {}),
    ...(scratch === undefined ? {} : { TMPDIR: scratch }),
    ...(isMeasured && coverage !== undefined ? { NODE_V8_COVERAGE: coverage } : {}),
  };
}

/** @param {string} file @param {Worker} worker */
async function typescriptTests(file, worker) {
  const run = await worker.run({ file, verbose: chosen.length > 0, timeout: TIMEOUT });
  runs.push(run);
  const { passed, failed, skipped, ms, text } = run;
  const counted = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  const place = `${String(runs.length).padStart(String(typescript.length).length)}/${typescript.length}`;
  console.log(`${failed > 0 ? "✘" : "✔"} ${place}  ${file}  ${counted.join(", ")}  ${seconds(ms)}`);
  if (text.trim() !== "") console.log(text);
}

async function solidityTests() {
  const profile = deep ? "deep" : chosen.length > 0 ? "default" : "quick";
  const began = Date.now();
  const args = [...hardhat("fast"), "test", "solidity", "--no-compile", "--test-profile", profile, ...solidity];
  const run = await runTests(args, { quiet: chosen.length === 0 });
  if (!run.ok && chosen.length === 0) console.log(run.output);
  if (!run.ok) broken.push({ what: "tests in Solidity", text: run.output });
  const result = summary([run], Date.now() - began);
  console.log(`${result.ok && run.ok ? "✔" : "✘"} tests in Solidity: ${result.text}`);
  note("Solidity tests", { ...result, ok: result.ok && run.ok });
}

/** Leaves the contracts' coverage. Every one of these tests runs on what is shipped, too, and is counted there. */
async function instrumentedTests() {
  const began = Date.now();
  const covering = globSync(COVERING, { cwd: ROOT }).filter((file) => !NOT_COVERING.test(file));
  const run = await runTests([...hardhat("coverage"), "test", "mocha", ...covering], { quiet: true });
  if (!run.ok) {
    console.log(run.output);
    broken.push({ what: "tests on instrumented contracts", text: run.output });
    // What it left isn't the coverage of these tests.
    rmSync(at(CONTRACT_LCOV), { force: true });
  }
  console.log(`${run.ok ? "✔" : "✘"} tests on instrumented contracts: ${summary([run], Date.now() - began).text}`);
}

/** @param {{ passed: number, failed: number, skipped: number }[]} all @param {number} ms */
function summary(all, ms) {
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) => all.reduce((before, run) => before + run[key], 0);
  const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
  const rest = [
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(passed + failed === 0 ? ["no test was found"] : []),
  ];
  const text = [`${passed} passed`, `${failed} failed`, ...rest].join(", ");
  return { ok: failed === 0 && passed > 0, text: `${text} (${seconds(ms)})`, passed, failed, skipped };
}

/** Where the processes of the tests are to leave what ran in them; nothing is there yet. */
function emptyCoverage() {
  rmSync(at("coverage"), { recursive: true, force: true });
  rmSync(at(RAW), { recursive: true, force: true });
  mkdirSync(at(RAW), { recursive: true });
  // Run by root, some tests start processes of another user, and those report their coverage too.
  if (getuid?.() === 0) chmodSync(at(RAW), 0o777);
  return at(RAW);
}

async function typescriptCoverage() {
  await runTests([C8, "report", ...measured, ...report]);
  const files = readLcov("coverage/typescript/lcov.info");
  // A file of types alone is never loaded, so none of its lines can run.
  return judge(
    files.filter(({ file, lines, missed }) => missed.length < lines || hasCode(file)),
    TYPESCRIPT_LINES,
  );
}

function hasCode(/** @type {string} */ file) {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext, removeComments: true };
  const { outputText } = ts.transpileModule(textOf(file) ?? "", { compilerOptions });
  return !/^\s*(export \{\s*\};?)?\s*$/.test(outputText);
}

async function contractCoverage() {
  return judge(readLcov(CONTRACT_LCOV, /^contracts\/(?!mocks\/)/), CONTRACT_LINES);
}

function printSlowest() {
  if (runs.length < 2) return;
  heading("The slowest files");
  for (const { file, ms, cpu } of [...runs].sort((a, b) => b.ms - a.ms).slice(0, 10)) {
    console.log(`${seconds(ms).padStart(8)}  ${file} (${seconds(cpu)} of them at work)`);
  }
}

/** Once more, where whoever looks at the end finds it. */
function printFailures() {
  const failures = [
    ...broken.map(({ what, text }) => ({ what, text: lastLines(text) })),
    ...runs.filter(({ failed }) => failed > 0).map(({ file, text }) => ({ what: file, text })),
  ];
  if (runs.length < 2 || failures.length === 0) return;
  heading("What failed");
  for (const { what, text } of failures) console.log(`✘ ${what}\n${text}`);
}

/** Where Hardhat says what failed, below everything that went well. @param {string} text */
function lastLines(text) {
  return text.trimEnd().split("\n").slice(-60).join("\n");
}

/** Runs a stage under its heading; a stage that throws has failed, the next ones still run. */
async function stage(/** @type {string} */ name, /** @type {() => Promise<{ ok: boolean, text: string }>} */ work) {
  heading(name);
  const began = Date.now();
  const result = await work().catch((error) => {
    console.error(error);
    return { ok: false, text: "did not run" };
  });
  const { text } = note(name, {
    passed: 0,
    failed: 0,
    skipped: 0,
    ...result,
    text: `${result.text} (${seconds(Date.now() - began)})`,
  });
  console.log(`${result.ok ? "✔" : "✘"} ${text}`);
}

/** @param {string} name @param {Omit<Result, "name">} result */
function note(name, result) {
  results.push({ name, ...result });
  writeFileSync(REPORT, JSON.stringify(results, null, 2));
  return result;
}

function heading(/** @type {string} */ text) {
  console.log(`\n━━━ ${text} ${"━".repeat(Math.max(3, 74 - text.length))}\n`);
}

function seconds(/** @type {number} */ ms) {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
