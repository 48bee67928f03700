/** What a command found, kept with a digest of what it was found on: whoever reads it knows whether it still holds. */
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { at, contentsOf, digest, filesBelow, textOf } from "../setup/project.mjs";

/** What contracts are made with. */
const COMPILER = ["solc", "@openzeppelin/contracts"];
const CONTRACT_TESTS = ["test/contracts", "test/helpers", "test/security", "test/findings"];

/**
 * @typedef {object} Kind
 * @property {string} command makes the report.
 * @property {string} path where it is; what isn't below .cache is committed.
 * @property {string[]} inputs files and folders that it depends on.
 * @property {string[]} [packages] packages that it depends on: their pinned versions.
 */

/** @type {Record<string, Kind>} */
export const REPORTS = {
  tests: {
    command: "npm test",
    path: ".cache/evidence/tests.json",
    // Documents don't count: they quote the results.
    inputs: [
      "contracts",
      "ignition",
      "src",
      "devnet",
      "scripts",
      "tour",
      "examples",
      "test",
      "tools",
      "hardhat.config.ts",
    ],
    packages: ["*"],
  },
  proofs: {
    command: "npm run prove",
    path: "tools/evidence/reports/proofs.json",
    inputs: ["contracts", "tools/proofs", "tools/solidity", "docs/assurance/proofs.md"],
    packages: COMPILER,
  },
  slither: {
    command: "npm run slither",
    path: "tools/evidence/reports/slither.json",
    inputs: ["contracts", "tools/slither", "docs/assurance/static-analysis.md"],
    packages: COMPILER,
  },
  deep: {
    command: "npm run test:deep",
    path: "tools/evidence/reports/deep.json",
    inputs: [
      "contracts",
      "ignition",
      "devnet",
      ...CONTRACT_TESTS,
      "tools/hardhat-fast.config.ts",
      "tools/test/random-runs.mjs",
    ],
    packages: COMPILER,
  },
  mutation: {
    command: "npm run mutate",
    path: "tools/mutation/results.json",
    inputs: ["contracts", "ignition", "devnet", ...CONTRACT_TESTS, "tools/mutation"],
    packages: COMPILER,
  },
  bench: {
    command: "npm run bench",
    path: "bench/results.json",
    inputs: ["contracts", "ignition", "src", "devnet", "bench"],
    packages: ["*"],
  },
  gatekeeper: {
    command: "npm run bench:gatekeeper",
    path: "apps/gatekeeper/bench/results.json",
    inputs: ["contracts", "ignition", "src", "devnet", "apps/gatekeeper/src", "apps/gatekeeper/bench"],
    packages: ["*"],
  },
};

/** Results, which don't depend on themselves. */
const RESULTS = new Set([
  ...Object.values(REPORTS).map(({ path }) => path),
  "tools/evidence/published.json",
  "bench/README.md",
]);

/** A digest of everything that a report depends on. @param {string} name */
export function inputsOf(name) {
  const { inputs, packages = [] } = REPORTS[name];
  const files = inputs
    .filter((input) => existsSync(at(input)))
    .flatMap((input) => (statSync(at(input)).isDirectory() ? filesBelow(input) : [input]));
  return digest([...contentsOf(files.filter((file) => !RESULTS.has(file))), ["packages", pinned(packages)]]);
}

/** The versions of packages in the lock file; `*`: of all of them. @param {string[]} names */
function pinned(names) {
  const lock = textOf("package-lock.json") ?? "{}";
  if (names.includes("*")) return lock;
  const { packages = {} } = JSON.parse(lock);
  return names.map((name) => `${name} ${packages[`node_modules/${name}`]?.integrity}`).join("\n");
}

/** @param {string} name of the report. @param {unknown} report */
export function keepReport(name, report) {
  const path = at(REPORTS[name].path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ of: inputsOf(name), report }, null, 2)}\n`);
}

/** Before a run that may break off: no report of an earlier one is left, unless it is committed. @param {string} name */
export function dropReport(name) {
  const { path } = REPORTS[name];
  if (path.startsWith(".cache/")) rmSync(at(path), { force: true });
}

/** Whether a report is there and was made from these very files. @param {string} name */
export function isFresh(name) {
  const kept = textOf(REPORTS[name].path);
  return kept !== undefined && JSON.parse(kept).of === inputsOf(name);
}

/** @param {string} name @returns {any} the report, or undefined when there is none of these very files. */
export function reportOf(name) {
  return isFresh(name) ? JSON.parse(textOf(REPORTS[name].path) ?? "").report : undefined;
}
