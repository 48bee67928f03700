#!/usr/bin/env node
/**
 * Every test, stage by stage: the contracts in Solidity, everything else in TypeScript, and the coverage of both.
 *
 *   npm test
 *   npm test -- test/crypto/padding.test.ts test/contracts/Records.t.sol   only these files, without coverage
 *   npm run test:deep          the tests that can try more, trying much more: random runs, interleavings; no coverage
 */
import { chmodSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { argv, exit, getuid } from "node:process";

import ts from "typescript";

import { dropReport, keepReport } from "./evidence/reports.mjs";
import { at, ROOT, textOf } from "./setup/project.mjs";
import { DEEP } from "./test/deep.mjs";
import { judge, readLcov } from "./test/lcov.mjs";
import { added, runTests } from "./test/run.mjs";

/** Percent of lines that the tests must run. */
const TYPESCRIPT_LINES = 95;
const CONTRACT_LINES = 100;

/** Tests of the contracts that are written in TypeScript: they count for contract coverage. */
const CONTRACT_TESTS = "test/contracts/**/*.test.ts";
/** Instrumented contracts use more gas, so nothing that measures gas runs on them. */
const MEASURES_GAS = /^test\/gas\//;

/** All tests in TypeScript, and those of them that wait for one step after the other. */
const EVERYTHING = "test/**/*.test.ts";
const STEPS = "test/scripts/**/*.test.ts";

const HARDHAT = "node_modules/hardhat/dist/src/cli.js";
const MOCHA = "node_modules/mocha/bin/mocha.js";
const C8 = "node_modules/c8/bin/c8.js";
/** What ran, for programs: .ci/run adds it up. */
const REPORT = at(".cache", "test-report.json");

const RAW = ".cache/typescript-coverage";
const measured = ["--all", "--src", ".", "--include", "src/**/*.ts", "--include", "scripts/**/*.ts"];
const report = ["--reporter", "lcovonly", "--reports-dir", "coverage/typescript", "--temp-directory", RAW];

const deep = argv.includes("--deep");
const files = argv.slice(2).filter((arg) => arg !== "--deep");
const all = files.length === 0;
const environment = deep ? { CHARTCHAIN_DEEP: "1" } : {};

/** @type {{ name: string, ok: boolean, text: string, passed: number, failed: number, skipped: number }[]} */
const results = [];
mkdirSync(at(".cache"), { recursive: true });
rmSync(REPORT, { force: true });

if (all) dropReport(deep ? "deep" : "tests");

const solidity = files.filter((file) => file.endsWith(".sol"));
const typescript = files.filter((file) => !file.endsWith(".sol"));
if (all || solidity.length > 0) await stage("Solidity tests", () => counted(solidityTests(solidity)));
// Beside the tests in TypeScript, most of which wait for other processes: one after the other they take too long.
const covering = all && !deep ? contractCoverage().catch((error) => ({ ok: false, text: String(error) })) : undefined;
if (all || typescript.length > 0) await stage("TypeScript tests", () => counted(typescriptTests(typescript)));
if (all && !deep) {
  await stage("TypeScript coverage", typescriptCoverage);
  await stage("Contract coverage", () => covering);
}

heading("Result");
for (const { name, ok, text } of results) console.log(`${ok ? "✔" : "✘"} ${name}: ${text}`);
const total = (/** @type {"passed" | "failed" | "skipped"} */ key) => results.reduce((sum, run) => sum + run[key], 0);
console.log(`\n${total("passed")} tests passed, ${total("failed")} failed, ${total("skipped")} skipped`);
if (all) keepReport(...(deep ? ["deep", { ...DEEP, stages: results }] : ["tests", results]));
exit(results.every(({ ok }) => ok) ? 0 : 1);

async function solidityTests(/** @type {string[]} */ chosen) {
  const config = ["--config", deep ? "tools/hardhat-deep.config.ts" : "tools/hardhat-fast.config.ts", "--no-typechain"];
  // Chosen tests alone would compile only what they import; but they deploy what was compiled.
  const built =
    chosen.length === 0 ? undefined : await runTests([HARDHAT, ...config, "build", "--no-tests"], { quiet: true });
  if (built?.ok === false) console.log(built.output);
  return runTests([HARDHAT, ...config, "test", "solidity", ...chosen], { env: environment });
}

async function typescriptTests(/** @type {string[]} */ chosen) {
  const mocha = [MOCHA, ...(deep ? ["--timeout", String(60 * 60 * 1000)] : [])];
  if (!all || deep) return runTests([...mocha, ...(all ? deeper() : chosen)], { env: environment });

  const env = { NODE_V8_COVERAGE: emptyCoverage() };
  // Files run one after the other; these two parts, which take about as long, beside each other.
  const second = runTests([...mocha, STEPS], { env, quiet: true });
  const first = await runTests([...mocha, EVERYTHING, "--ignore", STEPS], { env });
  const { output } = await second;
  console.log(output);
  return added(first, await second);
}

/** Tests that try more in a deep run; the others would try the same once more. */
function deeper() {
  return globSync(EVERYTHING, { cwd: ROOT }).filter((file) => textOf(file)?.includes("CHARTCHAIN_DEEP"));
}

/** @returns where the processes of the tests are to leave what ran in them; nothing is there yet. */
function emptyCoverage() {
  rmSync(at("coverage", "typescript"), { recursive: true, force: true });
  rmSync(at(RAW), { recursive: true, force: true });
  mkdirSync(at(RAW), { recursive: true });
  // Run by root, some tests start processes of another user, and those report their coverage too.
  if (getuid?.() === 0) chmodSync(at(RAW), 0o777);
  return at(RAW);
}

async function typescriptCoverage() {
  // Made here and not by the run itself, so that failing tests leave a report too.
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
  const lcov = "coverage/lcov.info";
  const tests = globSync(["test/**/*.t.sol", CONTRACT_TESTS], { cwd: ROOT })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !MEASURES_GAS.test(file));
  rmSync(at(lcov), { force: true });
  if (tests.length === 0) return { ok: false, text: "there are no tests of contracts" };
  console.log(`Running the tests of the contracts (${tests.length} files) once more, instrumented …`);
  const config = ["--config", "tools/hardhat-coverage.config.ts", "--coverage", "--no-typechain"];
  const run = await runTests([HARDHAT, ...config, "test", ...tests], { quiet: true });
  if (!run.ok) {
    console.log(run.output);
    return { ok: false, text: "the tests fail on instrumented contracts" };
  }
  return judge(readLcov(lcov, /^contracts\/(?!mocks\/)/), CONTRACT_LINES);
}

/** A run counts as good only if it ran something. @param {Promise<import("./test/run.mjs").Run>} running */
async function counted(running) {
  const { ok, passed, failed, skipped } = await running;
  const crashed = !ok && failed === 0;
  const text = [
    `${passed} passed`,
    `${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(crashed ? ["and the run itself broke off: see above"] : []),
    ...(passed + failed === 0 ? ["no test was found"] : []),
  ].join(", ");
  return { ok: ok && passed > 0, text, passed, failed, skipped };
}

/** Runs a stage under its heading and notes how it went; a stage that throws has failed, the next ones still run. */
async function stage(/** @type {string} */ name, /** @type {() => unknown} */ work) {
  heading(name);
  const started = Date.now();
  const none = { passed: 0, failed: 0, skipped: 0 };
  let result;
  try {
    result = { ...none, ...(await work()) };
  } catch (error) {
    console.error(error);
    result = { ...none, ok: false, text: "did not run" };
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  results.push({ name, ...result, text: `${result.text} (${seconds} s)` });
  writeFileSync(REPORT, JSON.stringify(results, null, 2));
  console.log(`${result.ok ? "✔" : "✘"} ${results.at(-1).text}`);
}

function heading(/** @type {string} */ text) {
  console.log(`\n━━━ ${text} ${"━".repeat(Math.max(3, 74 - text.length))}\n`);
}
