/**
 * One process for one mutant, or for one test file whose coverage is noted. It loads what is no mutant's before it is told
 * what to do, so that the one after this is ready early.
 */
import Mocha from "mocha";

import { at } from "../../setup/project.mjs";

/**
 * @typedef {object} Task
 * @property {{ file: string, titles?: string[] }[]} tests titles: these of the file only.
 * @property {number} [mutant] its number.
 * @property {"reversed" | "in order"} [notes] notes what each test runs; reversed: the last test of a file runs first.
 */
/**
 * @typedef {{ title: string, ms: number, ran: string[] }} Note
 * @typedef {{ failed?: { file: string, title: string, text: string }, notes: Note[] }} Answer
 */

const LIMIT = 5 * 60_000;
const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const stryker = /** @type {any} */ (/** @type {any} */ (globalThis).__stryker__ ??= {});

process.on("unhandledRejection", (error) => {
  throw error;
});
process.on("disconnect", () => process.exit(1));
process.on("message", async (/** @type {Task} */ task) => {
  if (task.mutant !== undefined) process.env.__STRYKER_ACTIVE_MUTANT__ = String(task.mutant);
  const answer = await run(task);
  process.send?.(answer, () => process.exit(0));
});

for (const name of ["chai", "fast-check"]) await import(name);
process.send?.("ready");

/** @param {Task} task @returns {Promise<Answer>} */
async function run({ tests, notes: wanted }) {
  /** @type {Note[]} */
  const notes = [];
  for (const { file, titles } of tests) {
    /** @type {Answer["failed"]} */
    let failed;
    try {
      const mocha = new Mocha({ reporter: class {}, timeout: LIMIT, bail: true, forbidOnly: true });
      if (titles !== undefined) mocha.grep(new RegExp(`^(?:${titles.map(escaped).join("|")})$`));
      mocha.addFile(at(file));
      await mocha.loadFilesAsync();
      if (wanted === "reversed") reverse(mocha.suite);
      await new Promise((resolve) => {
        const runner = mocha.run(resolve);
        runner.on("fail", (test, error) => {
          failed ??= { file, title: test.fullTitle(), text: String(error?.stack ?? error) };
        });
        if (wanted !== undefined) takeNotes(runner, notes);
      });
    } catch (error) {
      failed = { file, title: "", text: String(error instanceof Error ? error.stack : error) };
    }
    if (failed !== undefined) return { failed, notes };
  }
  return { notes };
}

/** A test that needs the one before it then fails, and shows that it can't run alone. @param {Mocha.Suite} suite */
function reverse(suite) {
  suite.tests.reverse();
  suite.suites.reverse();
  for (const inner of suite.suites) reverse(inner);
}

/** @param {Mocha.Runner} runner @param {Note[]} notes */
function takeNotes(runner, notes) {
  let began = 0;
  runner.on("test", (test) => {
    began = performance.now();
    stryker.currentTestId = test.fullTitle();
  });
  runner.on("test end", (test) => {
    const title = test.fullTitle();
    if (test.isPending()) return;
    notes.push({
      title,
      ms: Math.round(performance.now() - began),
      ran: Object.keys(stryker.mutantCoverage?.perTest[title] ?? {}),
    });
  });
  runner.on("suite end", () => (stryker.currentTestId = undefined));
}
