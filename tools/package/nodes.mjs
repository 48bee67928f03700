/** The Nodes that package.json claims: the oldest, fetched from npm as the project's own is, and the project's own. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { platform } from "node:process";

import { at, filesBelow, NODE, ROOT, textOf } from "../setup/project.mjs";
import { npm } from "./pack.mjs";

/** @type {Map<string, string> | undefined} */
let nodes;

/** @returns {Map<string, string>} programs by version. */
export function claimedNodes() {
  const { engines, devDependencies } = JSON.parse(textOf("package.json") ?? "{}");
  const [oldest] = /\d+\.\d+\.\d+/.exec(engines.node) ?? [];
  if (oldest === undefined) throw new Error(`package.json's engines name no oldest Node: ${engines.node}`);
  return (nodes ??= new Map([
    [oldest, fetched(oldest)],
    [devDependencies.node, NODE],
  ]));
}

/** @param {string} version */
function fetched(version) {
  const folder = at(".cache", `node-${version}`);
  const node = join(folder, "node_modules", "node", "bin", platform === "win32" ? "node.exe" : "node");
  if (textOf(".cache", `node-${version}`, "done") !== undefined) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }));
  const { status, stdout, stderr } = npm(
    ["install", "--no-audit", "--no-fund", "--loglevel=error", `node@${version}`],
    folder,
  );
  if (status !== 0) throw new Error(`npm install node@${version}: exit code ${status}\n${stdout}${stderr}`);
  writeFileSync(join(folder, "done"), "");
  return node;
}

/** Tests of what differs between Nodes: ML-KEM, which an older one hasn't, by the vectors of other implementations; SQLite. */
const DIFFERS =
  /^test\/(vectors\/(hpke|record|streaming-aead)|sqlite\/.+|crypto\/hpke-.+|vault\/transactions)\.test\.ts$/;

/** Runs them under the oldest Node that package.json claims. */
export async function testsUnderOldestNode() {
  const [[version, node]] = claimedNodes();
  const files = filesBelow("test").filter((file) => DIFFERS.test(file));
  const mocha = ["--import", "tsx", at("node_modules", "mocha", "bin", "mocha.js"), "--reporter", "dot", ...files];
  const { status, stdout, stderr } = spawnSync(node, mocha, { cwd: ROOT, encoding: "utf8" });
  const [passing] = /\d+ passing/.exec(stdout) ?? ["nothing ran"];
  return { problems: status === 0 ? [] : [`${stdout}${stderr}`], notes: [`Node ${version}: ${passing}`] };
}
