/** Asks the tests that run a mutant's code whether they notice it: nearest first, until one fails. */
import { has } from "./coverage.mjs";

/** Tests that take longer than this together, in milliseconds, aren't all asked. */
const ENOUGH = 45_000;
/** How long a test may take, in milliseconds: a machine may be busy, and the first test of a file sets up a chain. */
const START = 60_000;
/** And how many times as long as when it was noted. */
const SLOWER = 6;

/**
 * @typedef {"killed" | "timeout" | "survived" | "not covered" | "stillborn"} Fate stillborn: the compiler refuses it
 * @typedef {{ fate: Fate, by?: string, circle?: number, asked?: number, of?: number, again?: true,
 *   unfinished?: { asked: number, of: number, did: string[] } }}
 * Verdict by: the first test that noticed. circle: up to which circle of tests was asked, where none noticed. asked, of: how
 * many of those that run the mutant. again: it survived before, and was tried once more.
 * unfinished: in a circle that isn't through, what was asked before it, and which files in it.
 */
/**
 * @typedef {object} Asked a test file, about one mutant.
 * @property {string} file
 * @property {boolean} whole its tests need each other.
 * @property {string[]} [titles] these of its tests only.
 * @property {number} count how many tests that are.
 * @property {number} ms how long they took together when that was noted.
 * @property {number} limit how long each may take, in milliseconds.
 */

/**
 * In a process of its own.
 *
 * @param {import("./tree.mjs").Tree} tree
 * @param {import("./mutants.mjs").Mutant} mutant
 * @param {Asked[]} tests
 * @returns {Promise<{ fate: "killed" | "timeout", by: string } | undefined>} undefined where none notices
 */
export async function judge(tree, mutant, tests) {
  const task = { tests, mutant: mutant.number };
  const limit = Math.max(...tests.map(({ limit }) => limit));
  let answer = await tree.run(task, limit);
  if (answer === "timeout") answer = await tree.run(task, 2 * limit);
  if (answer === "timeout") return { fate: "timeout", by: tests[0].file };
  if (answer === "died") return { fate: "killed", by: `${tests[0].file}: its process ended` };
  const { failed } = answer;
  return failed && { fate: "killed", by: `${failed.file}: ${failed.title}` };
}

/**
 * The tests that are asked, the nearest file first.
 *
 * @param {import("./coverage.mjs").FileCoverage[]} coverage
 * @param {import("./mutants.mjs").Mutant} mutant
 * @returns {{ tests: Asked[], of: number }} of: how many there are
 */
export function chosen(coverage, { number, file }) {
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
  let ms = 0;
  const asked = files.filter((one, index) => (index === 0 || ms + one.ms <= ENOUGH) && (ms += one.ms) >= 0);
  return {
    tests: asked.map(({ file, whole, tests, everyTest, ms }) => ({
      file,
      whole,
      ms,
      ...(everyTest ? {} : { titles: tests.map(({ title }) => title) }),
      count: tests.length,
      limit: START + SLOWER * Math.max(...tests.map(({ ms }) => ms)),
    })),
    of: files.reduce((sum, { tests }) => sum + tests.length, 0),
  };
}

/**
 * How far a test file is from the file that it mirrors: how many folders of its path differ; of those in one folder, the one
 * whose name begins alike is nearer.
 *
 * @param {string} test
 * @param {string} source
 */
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
  return same === -1 ? 0 : a.length + b.length - 2 * same - alike(a[same], b[same] ?? "") / 100;
}

/** How many letters two names begin with. @param {string} one @param {string} other */
function alike(one, other) {
  const differs = [...one].findIndex((letter, index) => letter !== other[index]);
  return differs === -1 ? one.length : differs;
}
