/** Asks the tests that run a mutant's code whether they notice it: nearest first, until one fails. */
import { has } from "./coverage.mjs";

/** Tests that take longer than this together, in milliseconds, aren't all asked. */
const ENOUGH = 90_000;
/** A machine may be busy, and the first test of a file sets up a chain. */
const START = 60_000;
const SLOWER = 6;

/**
 * @typedef {"killed" | "timeout" | "survived" | "not covered" | "stillborn"} Fate stillborn: the compiler refuses it
 * @typedef {{ fate: Fate, by?: string, circle?: number, asked?: number, of?: number, seconds: number }} Verdict by:
 * the first test that noticed. circle: up to which circle of tests was asked, where none noticed. asked, of: how many of
 * those that run the mutant.
 */

/**
 * @param {import("./tree.mjs").Tree} tree
 * @param {import("./coverage.mjs").FileCoverage[]} coverage
 * @param {import("./mutants.mjs").Mutant} mutant
 * @returns {Promise<Verdict>}
 */
export async function judge(tree, coverage, mutant) {
  const began = Date.now();
  const verdict = (/** @type {Fate} */ fate, /** @type {object} */ more = {}) => ({
    fate,
    ...more,
    seconds: Math.round((Date.now() - began) / 1000),
  });
  const { tests, ms, asked, of } = chosen(coverage, mutant);
  if (of === 0) return verdict("not covered");
  const task = { tests, mutant: mutant.number };
  let answer = await tree.run(task, START + SLOWER * ms);
  if (answer === "timeout") answer = await tree.run(task, 2 * (START + SLOWER * ms));
  if (answer === "timeout") return verdict("timeout", { by: tests[0].file });
  if (answer === "died") return verdict("killed", { by: `${tests[0].file}: its process ended` });
  const { failed } = answer;
  return failed === undefined
    ? verdict("survived", { asked, of })
    : verdict("killed", { by: `${failed.file}: ${failed.title}` });
}

/** @param {import("./coverage.mjs").FileCoverage[]} coverage @param {import("./mutants.mjs").Mutant} mutant */
function chosen(coverage, { number, file }) {
  const files = coverage
    .filter(({ failed }) => failed === undefined)
    .map((one) => {
      const everyTest = one.whole || has(one.outside, number);
      const tests = everyTest ? one.tests : one.tests.filter(({ ran }) => has(ran, number));
      const covers = !everyTest || one.tests.some(({ ran }) => has(ran, number)) || has(one.outside, number);
      return { ...one, tests: covers ? tests : [], everyTest, ms: tests.reduce((sum, { ms }) => sum + ms, 0) };
    })
    .filter(({ tests }) => tests.length > 0)
    .sort((a, b) => distance(a.file, file) - distance(b.file, file) || a.ms - b.ms);
  const of = files.reduce((sum, { tests }) => sum + tests.length, 0);
  let ms = 0;
  const asked = files.filter((one, index) => (index === 0 || ms + one.ms <= ENOUGH) && (ms += one.ms) >= 0);
  return {
    tests: asked.map(({ file, tests, everyTest }) => ({
      file,
      ...(everyTest ? {} : { titles: tests.map(({ title }) => title) }),
    })),
    ms,
    asked: asked.reduce((sum, { tests }) => sum + tests.length, 0),
    of,
  };
}

/** How far a test file is from the file that it mirrors: how many folders of its path differ. @param {string} test @param {string} source */
function distance(test, source) {
  const a = test
    .replace(/^test\//, "")
    .replace(/\.test\.ts$/, "")
    .split("/");
  const b = source
    .replace(/^src\//, "")
    .replace(/\.ts$/, "")
    .split("/");
  const same = a.findIndex((part, index) => part !== b[index]);
  return same === -1 ? 0 : a.length + b.length - 2 * same;
}
