#!/usr/bin/env node
/**
 * Every static check, each with one line; the output of those that fail.
 *
 *   npm run lint
 *   npm run lint -- eslint types      only these
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { argv, exit, stdout } from "node:process";

import { at, NODE, ROOT } from "./setup/project.mjs";

const program = (/** @type {string} */ path) => `node_modules/${path}`;
const parts = [
  "src",
  "apps",
  "devnet",
  "scripts",
  "tour",
  "examples",
  "bench",
  "simulation",
  "test",
  "ignition",
].filter((folder) => existsSync(at(folder)));

/** Name, and what to run under the project's Node. */
const CHECKS = {
  types: [program("typescript/bin/tsc"), "--noEmit", "-p", "."],
  eslint: [program("eslint/bin/eslint.js"), ".", "--max-warnings", "0"],
  prettier: [program("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."],
  solhint: [program("solhint/solhint.js"), "--disc", "--max-warnings", "0", "contracts/**/*.sol"],
  imports: [program("dependency-cruiser/bin/dependency-cruiser.mjs"), "--config", ".dependency-cruiser.cjs", ...parts],
  errors: ["--import", "tsx", "tools/check-errors.mjs"],
  documents: ["tools/check-documents.mjs"],
  generated: ["--import", "tsx", "tools/check-generated.mjs"],
  tree: ["tools/check-tree.mjs"],
  package: ["tools/package.mjs", "contents", "publint", "attw"],
};

const chosen = argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(CHECKS, name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(", ")}; there are ${Object.keys(CHECKS).join(", ")}.`);
  exit(1);
}

let failed = 0;
for (const [name, args] of Object.entries(CHECKS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const started = Date.now();
  const run = spawnSync(NODE, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...(stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }) },
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${run.status === 0 ? "✔" : "✘"} ${name} (${seconds} s)`);
  if (run.status === 0) continue;
  failed++;
  console.log(`${run.stdout}${run.stderr}${run.error?.message ?? ""}`.trimEnd().replace(/^/gm, "    "));
}
exit(failed === 0 ? 0 : 1);
