/** Runs a test program, shows what it prints, and counts its tests by the totals it prints at the end. */
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { stdout } from "node:process";

import { NODE, ROOT } from "../setup/project.mjs";

/**
 * @typedef {object} Run
 * @property {boolean} ok the program ended with 0.
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} output everything it printed, without colours.
 */

/** The totals as Mocha and Hardhat print them: `622 passing (45s)`, `12 pending`, `1 failing`, `3 skipped`. */
const TOTAL = /^ *(\d+) (passing|failing|pending|skipped)(?: \(.*\))?$/gm;

/**
 * Runs a Node program under the project's Node.
 *
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean }} [options] quiet: show nothing.
 * @returns {Promise<Run>}
 */
export function runTests(args, options = {}) {
  const colours = stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = spawn(NODE, args, {
    cwd: ROOT,
    env: { ...process.env, ...colours, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  /** @type {Buffer[]} */
  const chunks = [];
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.on("data", (chunk) => {
      chunks.push(chunk);
      if (!options.quiet) to.write(chunk);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const output = stripVTControlCharacters(Buffer.concat(chunks).toString("utf8"));
      resolve({ ok: code === 0, ...totals(output), output });
    });
  });
}

/** The last of each total counts: a test may print something alike. @param {string} output */
function totals(output) {
  const last = Object.fromEntries([...output.matchAll(TOTAL)].map(([, count, word]) => [word, Number(count)]));
  return { passed: last.passing ?? 0, failed: last.failing ?? 0, skipped: (last.pending ?? 0) + (last.skipped ?? 0) };
}
