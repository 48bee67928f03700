/** Uses the library as somebody does who has nothing of this repository: in a folder of its own, from the tarball. */
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { env, platform } from "node:process";
import { createInterface } from "node:readline";

import ts from "typescript";

import { at, NODE, ROOT, textOf } from "../setup/project.mjs";
import { npm } from "./pack.mjs";

/** Where the package's own word says that it runs whole, and the oldest that can import every entry. */
const OLDEST_IMPORTING = 22;

/** @type {string | undefined} */
let folder;

/** Installs the tarball where nothing else is, once. @param {string} tarball */
export function installed(tarball) {
  if (folder !== undefined) return folder;
  const made = realpathSync(mkdtempSync(join(tmpdir(), "chartchain-consumer-")));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  for (const file of readdirSync(at("tools", "package", "consumer"))) {
    copyFileSync(at("tools", "package", "consumer", file), join(made, file));
  }
  const names = entries();
  const lines = names.map((entry, i) => `import * as entry${i} from ${JSON.stringify(entry)};\n`);
  writeFileSync(
    join(made, "entries.ts"),
    `${lines.join("")}console.log(${names.map((_, i) => `entry${i}`).join(", ")});\n`,
  );
  writeFileSync(join(made, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const install = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, stdout, stderr } = npm([...install, tarball], made);
  if (status !== 0) throw new Error(`npm install ${tarball}: exit code ${status}\n${stdout}${stderr}`);
  return (folder = made);
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

/** Every entry and a program that uses them, under the strictest settings. @param {string} tarball */
export function programOf(tarball) {
  if (program !== undefined) return program;
  const made = installed(tarball);
  const { config } = ts.readConfigFile(join(made, "tsconfig.json"), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, made);
  return (program = ts.createProgram(fileNames, options));
}

/** Whether a user's compiler accepts every type, also where it looks into the libraries. @param {string} tarball */
export async function strictTypes(tarball) {
  const found = ts.getPreEmitDiagnostics(programOf(tarball));
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => installed(tarball), getNewLine: () => "\n" };
  return { problems: found.length === 0 ? [] : [ts.formatDiagnostics(found, host)] };
}

/** Imports every entry under the project's Node, and under older ones that this machine has. @param {string} tarball */
export async function importEverywhere(tarball) {
  const cwd = installed(tarball);
  const code = `await Promise.all(${JSON.stringify(entries())}.map((entry) => import(entry)))`;
  const problems = [];
  const notes = [];
  const nodes = new Map([[versionOf(NODE), NODE], ...nodesOnPath()]);
  for (const [version, node] of nodes) {
    if (version === undefined || Number.parseInt(version, 10) < OLDEST_IMPORTING) continue;
    const { status, stderr } = spawnSync(node, ["--input-type=module", "-e", code], { cwd, encoding: "utf8" });
    if (status === 0) notes.push(`Node ${version}: all ${entries().length} entries`);
    else problems.push(`Node ${version}: ${stderr}`);
  }
  if (![...nodes.keys()].some((version) => version?.startsWith(`${OLDEST_IMPORTING}.`))) {
    notes.push(`Node ${OLDEST_IMPORTING}: not here, SKIPPED`);
  }
  return { problems, notes };
}

/** @returns {[string | undefined, string][]} */
function nodesOnPath() {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => !directory.startsWith(ROOT))
    .map((directory) => join(directory, platform === "win32" ? "node.exe" : "node"))
    .filter((path) => existsSync(path))
    .map((path) => [versionOf(path), path]);
}

/** @param {string} node @returns {string | undefined} */
function versionOf(node) {
  const { status, stdout } = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** One record's whole way through the installed library, on a devnet of the repository. @param {string} tarball */
export async function runFlow(tarball) {
  const cwd = installed(tarball);
  const devnet = spawn(NODE, ["--import", "tsx", at("tools", "package", "devnet.ts")], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [line] = await Promise.race([once(createInterface(devnet.stdout), "line"), once(devnet, "exit")]);
    if (typeof line !== "string") return { problems: [`the devnet ended: exit code ${line}`] };
    const { url, deployment } = JSON.parse(line);
    const [path, state] = [join(cwd, "deployment.json"), join(cwd, "state")];
    writeFileSync(path, JSON.stringify(deployment));
    mkdirSync(state);
    const run = spawn(NODE, ["flow.ts", url, path, state], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [run.stdout, run.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    const [code] = await once(run, "close");
    return { problems: code === 0 ? [] : [`exit code ${code}\n${said}`] };
  } finally {
    const ended = devnet.exitCode === null ? once(devnet, "exit") : undefined;
    devnet.stdin.end();
    await ended;
  }
}
