/** What a command found, kept for `npm run evidence` with a digest of what it was found on. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";

import { at, contentsOf, digest, filesBelow, textOf } from "../setup/project.mjs";

/** Whatever a result depends on. Documents don't count: they quote the results. */
const FOLDERS = ["contracts", "ignition", "src", "scripts", "examples", "test", "tools"];
const FILES = ["package-lock.json", "hardhat.config.ts", "tsconfig.json"];
/** Results that are committed. */
const RESULTS = /^tools\/(mutation|evidence)\/.*\.json$/;

const fileOf = (/** @type {string} */ name) => [".cache", "evidence", `${name}.json`];

/** A digest of everything that results depend on. */
export function fingerprint() {
  const files = [...FOLDERS.flatMap(filesBelow), ...FILES].filter((file) => !RESULTS.test(file));
  return digest(contentsOf(files));
}

/** @param {string} name of the report. @param {unknown} report */
export function keepReport(name, report) {
  mkdirSync(at(".cache", "evidence"), { recursive: true });
  writeFileSync(at(...fileOf(name)), JSON.stringify({ of: fingerprint(), report }, null, 2));
}

/** A run that breaks off leaves no report of an earlier one. @param {string} name */
export const dropReport = (name) => rmSync(at(...fileOf(name)), { force: true });

/** @param {string} name @returns {any} the report, or undefined when there is none of these very files. */
export function reportOf(name) {
  const kept = textOf(...fileOf(name));
  if (kept === undefined) return undefined;
  const { of, report } = JSON.parse(kept);
  return of === fingerprint() ? report : undefined;
}
