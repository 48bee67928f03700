#!/usr/bin/env node
/**
 * Static analysis of the contracts by Slither. Every finding must be explained in docs/assurance/static-analysis.md, and
 * what is explained there must still be found.
 *
 *   npm run slither
 *
 * Slither comes from Python's package index, at the versions of requirements.txt, into .cache/slither. Where Python or
 * the index can't be reached, it is skipped with a line that says so.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { exit, platform } from "node:process";
import { fileURLToPath } from "node:url";

import { keepReport } from "../evidence/reports.mjs";
import { at, digest, filesBelow, NODE, ROOT, textOf } from "../setup/project.mjs";
import { explanations, findings } from "./findings.mjs";

const PAGE = "docs/assurance/static-analysis.md";
const FOLDER = at(".cache", "slither");
const BIN = at(".cache", "slither", "venv", platform === "win32" ? "Scripts" : "bin");
const REQUIREMENTS = "tools/slither/requirements.txt";

const missing = install();
if (missing !== undefined) {
  console.log(`slither: skipped, ${missing}`);
  exit(0);
}

const { found, analysed } = analyse();
const explained = explanations(textOf(PAGE) ?? "");
const open = found.filter(({ key }) => !explained.has(key));
const gone = [...explained.keys()].filter((key) => !found.some((finding) => finding.key === key));
for (const { key, text } of open) console.error(`Not explained in ${PAGE}: ${key}\n  ${text}\n`);
for (const key of gone) console.error(`Explained in ${PAGE}, but no longer found: ${key}`);
if (open.length + gone.length === 0)
  keepReport("slither", { contracts: analysed, findings: found.length, open: open.length });
console.log(`slither: ${analysed} contracts, ${found.length} findings, ${open.length} of them not explained`);
exit(open.length + gone.length === 0 ? 0 : 1);

/** Installs Slither once. @returns {string | undefined} why it can't. */
function install() {
  const wanted = digest([["requirements", textOf(REQUIREMENTS) ?? ""]]);
  if (textOf(".cache", "slither", "installed") === wanted) return undefined;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  console.log("Installing Slither (once, about half a minute) …");
  const python = platform === "win32" ? "python" : "python3";
  const made = run(python, ["-m", "venv", at(".cache", "slither", "venv")]);
  if (made.status !== 0) return "Python 3 with venv isn't here";
  const installed = run(`${BIN}/pip`, ["install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]);
  if (installed.status !== 0) return `its packages can't be installed: ${lastLine(installed.stderr)}`;
  writeFileSync(at(".cache", "slither", "installed"), wanted);
  return undefined;
}

function analyse() {
  const input = at(".cache", "slither", "input.json");
  const output = at(".cache", "slither", "output.json");
  const compiler = at(".cache", "slither", "solc");
  const files = filesBelow("contracts").filter((file) => file.endsWith(".sol") && !file.startsWith("contracts/mocks/"));
  const sources = Object.fromEntries(files.map((file) => [file, { content: textOf(file) }]));
  const wanted = { "*": { "*": ["abi", "metadata", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode"] } };
  const outputSelection = { "*": { ...wanted["*"], "": ["ast"] } };
  const settings = { evmVersion: "prague", optimizer: { enabled: true, runs: 1_000 }, outputSelection };
  writeFileSync(input, JSON.stringify({ language: "Solidity", sources, settings }));
  const wrapper = fileURLToPath(new URL("solc.mjs", import.meta.url));
  writeFileSync(compiler, `#!/bin/sh\nexec "${NODE}" "${wrapper}" "$@"\n`, { mode: 0o755 });
  rmSync(output, { force: true });
  const format = ["--compile-force-framework", "solc-json", "--solc", compiler, "--solc-disable-warnings"];
  // Ends with another code than 0 when it finds something.
  const { stderr } = run(`${BIN}/slither`, [input, ...format, "--fail-none", "--json", output]);
  if (!existsSync(output)) {
    console.error(stderr);
    console.error("slither: it broke off, see above");
    exit(1);
  }
  const report = JSON.parse(readFileSync(output, "utf8"));
  if (report.success !== true) {
    console.error(report.error);
    exit(1);
  }
  return { found: findings(report.results.detectors ?? []), analysed: contractsIn(files) };
}

/** @param {string[]} files */
function contractsIn(files) {
  return files.reduce((sum, file) => sum + (textOf(file)?.match(/^(abstract )?(contract|library) /gm)?.length ?? 0), 0);
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  return spawnSync(command, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
}

function lastLine(/** @type {string | null} */ text) {
  return (text ?? "").trim().split("\n").at(-1) ?? "";
}
