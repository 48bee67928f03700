/**
 * One process for one mutant, for many of them and one test file, or for one test file whose coverage is noted. It loads what is no mutant's before it is told
 * what to do, so that the one after this is ready early.
 */
import { pathToFileURL } from "node:url";

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
/**
 * @typedef {object} TaskTogether one test file is asked about many mutants.
 * @property {string} file
 * @property {boolean} whole its tests need each other.
 * @property {{ number: number, titles?: string[] }[]} mutants titles: these of the file only.
 */
/** @typedef {{ mutant: number, fate: "killed" | "survived" | "loaded", by?: string }} AnswerTogether loaded: it runs while modules load, and can't be told here. */

const LIMIT = 5 * 60_000;
const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const stryker = /** @type {any} */ (/** @type {any} */ (globalThis).__stryker__ ??= {});

process.on("unhandledRejection", (error) => {
  throw error;
});
process.on("disconnect", () => process.exit(1));
process.on("message", async (/** @type {Task | TaskTogether} */ task) => {
  if ("mutants" in task) {
    await together(task);
    process.exit(0);
  }
  if (task.mutant !== undefined) process.env.__STRYKER_ACTIVE_MUTANT__ = String(task.mutant);
  const answer = await run(task);
  process.send?.(answer, () => process.exit(0));
});

for (const name of ["chai", "fast-check"]) await import(name);
process.send?.("ready");

/** @param {TaskTogether} task */
async function together({ file, whole, mutants }) {
  await load(new Mocha(), file, "first");
  // What runs while modules load isn't run again.
  const loaded = new Set(Object.keys(stryker.mutantCoverage?.static ?? {}));
  let loads = 0;
  const failing = async (/** @type {number | undefined} */ mutant, /** @type {string[] | undefined} */ titles) => {
    stryker.activeMutant = mutant === undefined ? undefined : String(mutant);
    if (mutant === undefined) delete process.env.__STRYKER_ACTIVE_MUTANT__;
    else process.env.__STRYKER_ACTIVE_MUTANT__ = String(mutant);
    const mocha = mochaOf(titles);
    await load(mocha, file, String(++loads));
    return runTests(mocha, file);
  };
  for (const { number, titles } of mutants) {
    /** @param {AnswerTogether["fate"]} fate @param {string} [by] */
    const say = (fate, by) => process.send?.({ mutant: number, fate, by });
    if (loaded.has(String(number))) {
      say("loaded");
      continue;
    }
    const failed = await failing(number, titles);
    if (failed === undefined) {
      say("survived");
      continue;
    }
    // What an earlier mutant left behind fails without this one, too: then nothing is said, of it and of those after it.
    if ((await failing(undefined, whole || failed.isHook ? titles : [failed.title])) !== undefined) return;
    say("killed", failed.title);
  }
}

/** @param {string[]} [titles] */
function mochaOf(titles) {
  const mocha = new Mocha({ reporter: class {}, timeout: LIMIT, bail: true, forbidOnly: true });
  if (titles !== undefined) mocha.grep(new RegExp(`^(?:${titles.map(escaped).join("|")})$`));
  return mocha;
}

/** As Mocha does, but as a module of its own each time. @param {Mocha} mocha @param {string} file @param {string} name */
async function load(mocha, file, name) {
  mocha.suite.emit("pre-require", globalThis, at(file), mocha);
  await import(`${pathToFileURL(at(file)).href}?${name}`);
  process.send?.("goes on");
}

/** Until the first that fails. @param {Mocha} mocha @param {string} file @param {(runner: Mocha.Runner) => void} [listen] */
async function runTests(mocha, file, listen) {
  /** @type {(NonNullable<Answer["failed"]> & { isHook: boolean }) | undefined} */
  let failed;
  await new Promise((resolve) => {
    const runner = mocha.run(resolve);
    // Whoever waits sees by it that this goes on.
    for (const event of ["hook end", "test end"]) runner.on(event, () => process.send?.("goes on"));
    runner.on("fail", (test, error) => {
      const isHook = test.type !== "test";
      failed ??= { file, title: test.fullTitle(), text: String(error?.stack ?? error), isHook };
    });
    listen?.(runner);
  });
  return failed;
}

/** @param {Task} task @returns {Promise<Answer>} */
async function run({ tests, notes: wanted }) {
  /** @type {Note[]} */
  const notes = [];
  for (const { file, titles } of tests) {
    /** @type {Answer["failed"]} */
    let failed;
    try {
      const mocha = mochaOf(titles);
      mocha.addFile(at(file));
      await mocha.loadFilesAsync();
      if (wanted === "reversed") reverse(mocha.suite);
      failed = await runTests(mocha, file, (runner) => wanted && takeNotes(runner, notes));
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
