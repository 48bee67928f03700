/** Uses the library as somebody does who has nothing of this repository: in a folder of its own, from the tarball. */
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import ts from "typescript";

import { at, filesBelow, textOf } from "../setup/project.mjs";
import { claimedNodes } from "./nodes.mjs";
import { npm } from "./pack.mjs";

/** For a page: bundled, where the others are run. */
export const FOR_BROWSERS = "browser.ts";

const QUICKLY = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/** @type {string | undefined} */
let folder;

/** Installs the tarball where nothing else is, once, beside every example. @param {string} tarball */
export function installed(tarball) {
  if (folder !== undefined) return folder;
  const made = realpathSync(mkdtempSync(join(tmpdir(), "chartchain-consumer-")));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  for (const file of ["tools/package/consumer/tsconfig.json", ...examples()]) {
    copyFileSync(at(file), join(made, basename(file)));
  }
  const names = entries();
  const lines = names.map((entry, i) => `import * as entry${i} from ${JSON.stringify(entry)};\n`);
  writeFileSync(
    join(made, "entries.ts"),
    `${lines.join("")}console.log(${names.map((_, i) => `entry${i}`).join(", ")});\n`,
  );
  writeFileSync(join(made, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  install(made, tarball);
  return (folder = made);
}

const examples = () => filesBelow("examples").filter((file) => file.endsWith(".ts"));

/** @param {string} where @param {string[]} packages */
function install(where, ...packages) {
  const { status, stdout, stderr } = npm(["install", ...QUICKLY, ...packages], where);
  if (status !== 0) throw new Error(`npm install ${packages.join(" ")}: exit code ${status}\n${stdout}${stderr}`);
}

/** What can be imported, by the names that a user writes. */
export function entries() {
  const { name, exports } = JSON.parse(textOf("package.json") ?? "{}");
  const folders = readdirSync(at("src", "sdk", "modules"), { withFileTypes: true });
  const modules = folders.filter((each) => each.isDirectory()).map((each) => each.name);
  return Object.entries(exports)
    .filter(([, target]) => typeof target === "object")
    .flatMap(([entry]) => (entry.endsWith("/*") ? modules.map((each) => entry.replace("*", each)) : [entry]))
    .map((entry) => `${name}${entry.slice(1)}`);
}

/** @type {ts.Program | undefined} */
let program;

/** @type {readonly ts.Diagnostic[]} */
let diagnostics = [];

/** Every entry and a program that uses them, under the strictest settings. @param {string} tarball */
export function programOf(tarball) {
  if (program !== undefined) return program;
  const made = installed(tarball);
  const { config } = ts.readConfigFile(join(made, "tsconfig.json"), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, made);
  program = ts.createProgram(fileNames, options);
  // Checked whole before anybody asks it for a type: the members of a union come in the order in which it met them.
  diagnostics = ts.getPreEmitDiagnostics(program);
  return program;
}

/** Whether a user's compiler accepts every type, also where it looks into the libraries. @param {string} tarball */
export async function strictTypes(tarball) {
  programOf(tarball);
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => installed(tarball), getNewLine: () => "\n" };
  return { problems: diagnostics.length === 0 ? [] : [ts.formatDiagnostics(diagnostics, host)] };
}

const MISSING = `
  const { createDevnet } = await import("chartchain/devnet");
  const { code } = await createDevnet().then(() => ({ code: "nothing" }), (error) => error);
  if (code !== "HARDHAT_MISSING") throw new Error("without Hardhat a devnet says " + code);`;

/** Imports every entry under every Node that `engines` claims; without Hardhat, which a devnet then misses. @param {string} tarball */
export async function importEverywhere(tarball) {
  const cwd = installed(tarball);
  const code = `await Promise.all(${JSON.stringify(entries())}.map((entry) => import(entry)));${hasPeers ? "" : MISSING}`;
  const problems = [];
  const notes = [];
  for (const [version, node] of claimedNodes()) {
    const { status, stderr } = spawnSync(node, ["--input-type=module", "-e", code], { cwd, encoding: "utf8" });
    if (status === 0) notes.push(`Node ${version}: all ${entries().length} entries`);
    else problems.push(`Node ${version}: ${stderr}`);
  }
  return { problems, notes };
}

let hasPeers = false;

/** Runs every example under every Node that `engines` claims, as somebody does who installed what a devnet needs. @param {string} tarball */
export async function runExamples(tarball) {
  const cwd = installed(tarball);
  const { devDependencies } = JSON.parse(textOf("package.json") ?? "{}");
  const peers = ["hardhat", "@nomicfoundation/ignition-core"];
  install(cwd, ...peers.map((name) => `${name}@${devDependencies[name]}`));
  hasPeers = true;
  const names = examples().map((file) => basename(file));
  const problems = [];
  const notes = [];
  const each = [...claimedNodes()].map(async ([version, node]) => {
    for (const name of names.filter((other) => other !== FOR_BROWSERS)) {
      const run = spawn(node, [name], { cwd, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [run.stdout, run.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
      const [code] = await once(run, "close");
      // Each ends by showing the record that it carried.
      const isWhole = code === 0 && said.includes("AllergyIntolerance");
      if (isWhole) notes.push(`Node ${version}: ${name}`);
      else problems.push(`Node ${version}: ${name}: exit code ${code}\n${said}`);
    }
  });
  await Promise.all(each);
  return { problems, notes };
}
