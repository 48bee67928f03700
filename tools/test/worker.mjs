/**
 * Runs test files in TypeScript that its parent names, one after the other, and tells how each went. One process for many
 * files: what they import is loaded, and the contracts are read, once.
 */
import { format } from "node:util";

import Mocha from "mocha";

import { at } from "../setup/project.mjs";

/**
 * @typedef {object} FileRun what became of one file.
 * @property {string} file
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} ms
 * @property {number} cpu of this process, in milliseconds.
 * @property {string} text what failed and why; with `verbose` every test.
 */

const { Base, Spec } = Mocha.reporters;

/** Prints nothing of what went well. */
class OnlyFailures extends Base {
  constructor(/** @type {Mocha.Runner} */ runner, /** @type {Mocha.MochaOptions} */ options) {
    super(runner, options);
    runner.once("end", () => this.failures.length > 0 && Base.list(this.failures));
  }
}

process.on("message", async (/** @type {{ file: string, verbose: boolean, timeout: number }} */ task) => {
  process.send?.(await run(task));
});
// Mocha listens for it and passes it on: without a listener that fails, a promise that nobody waits for fails silently.
process.on("unhandledRejection", (error) => {
  throw error;
});
// Chains that tests left open hold the process; their coverage is written on the way out.
process.on("disconnect", () => process.exit());

/** @returns {Promise<FileRun>} */
async function run({ file, verbose, timeout }) {
  const started = performance.now();
  const before = process.cpuUsage();
  /** @type {string[]} */
  const lines = [];
  Base.consoleLog = (/** @type {unknown[]} */ ...line) => void lines.push(format(...line));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const mocha = new Mocha({ reporter: verbose ? Spec : OnlyFailures, timeout, forbidOnly: true });
    mocha.addFile(at(file));
    await mocha.loadFilesAsync();
    await new Promise((resolve) => {
      mocha
        .run(resolve)
        .on("pass", () => counts.passed++)
        .on("fail", () => counts.failed++)
        .on("pending", () => counts.skipped++)
        // A sign of life: see SILENCE in pool.mjs.
        .on("test end", () => process.send?.("alive"));
    });
    mocha.dispose();
    if (counts.passed + counts.failed + counts.skipped === 0) {
      counts.failed++;
      lines.push(`  ${file} has no test`);
    }
  } catch (error) {
    counts.failed++;
    lines.push(`  ${file} could not be loaded: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const { user, system } = process.cpuUsage(before);
  return { file, ...counts, ms: performance.now() - started, cpu: (user + system) / 1000, text: lines.join("\n") };
}
