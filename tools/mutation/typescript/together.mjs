/**
 * Asks the tests of one file about many mutants in one process, which takes a fraction of the time: its modules are loaded
 * once. A test file is loaded anew for each mutant, so that what it sets up is set up by the mutant too.
 */
import { setTimeout } from "node:timers/promises";

import { chosen, judge } from "./judge.mjs";

/** A file is asked about the mutants for which it is among the next so many. */
const AHEAD = 3;
/** In one process. */
const MOST = 40;
/** What a process takes until it has loaded a test file, in milliseconds, more or less. */
const TO_START = 10_000;

/**
 * @typedef {object} Open a mutant that no test has noticed yet.
 * @property {import("./mutants.mjs").Mutant} mutant
 * @property {import("./judge.mjs").Asked[]} waiting files that are yet to be asked, the nearest first.
 * @property {import("./judge.mjs").Asked[]} alone files that must be asked in a process of its own.
 * @property {string[]} did files that were asked.
 * @property {number} asked how many tests that are.
 * @property {number} of how many there are.
 * @property {{ fate: "killed" | "timeout", by: string }} [noticed]
 */

/**
 * @param {import("./mutants.mjs").Mutant} mutant
 * @param {import("./coverage.mjs").FileCoverage[]} coverage
 * @param {string[]} [did] files that were asked in a run that broke off.
 * @returns {Open}
 */
export function open(mutant, coverage, did = []) {
  const { tests, of } = chosen(coverage, mutant);
  const asked = tests.filter(({ file }) => did.includes(file)).reduce((sum, { count }) => sum + count, 0);
  return { mutant, waiting: tests.filter(({ file }) => !did.includes(file)), alone: [], did: [...did], asked, of };
}

/** Whether there is nothing left to ask. @param {Open} one */
export const isSettled = ({ noticed, waiting, alone }) =>
  noticed !== undefined || (waiting.length === 0 && alone.length === 0);

/**
 * Asks about all of them: together first, and then alone those of which that can't be said.
 *
 * @param {import("./tree.mjs").Tree[]} trees
 * @param {Open[]} all
 * @param {() => boolean} goesOn
 * @param {(some: Open[]) => void} keep those of which something is known anew.
 */
export async function ask(trees, all, goesOn, keep) {
  /** @type {Set<Open>} */
  const busy = new Set();
  await Promise.all(
    trees.map(async (tree) => {
      while (goesOn()) {
        const free = all.filter((one) => one.noticed === undefined && !busy.has(one));
        const next = tree === trees[0] ? (nextFile(free) ?? nextAlone(free)) : (nextAlone(free) ?? nextFile(free));
        if (next === undefined && busy.size === 0) return;
        if (next === undefined) {
          await setTimeout(500);
          continue;
        }
        for (const one of next.asking) busy.add(one);
        if (next.file === undefined) await askAlone(tree, next.asking[0]);
        else await askTogether(tree, next.file, next.asking);
        for (const one of next.asking) busy.delete(one);
        keep(next.asking);
      }
    }),
  );
}

/** The file that can be asked about most mutants in a time. @param {Open[]} free */
function nextFile(free) {
  /** @type {Map<string, { asking: Open[], ms: number }>} */
  const files = new Map();
  for (const one of free) {
    for (const { file, ms } of one.waiting.slice(0, AHEAD)) {
      const of = files.get(file) ?? { asking: [], ms: TO_START };
      if (of.asking.length < MOST) files.set(file, { asking: [...of.asking, one], ms: of.ms + ms });
    }
  }
  const [best] = [...files].sort(([, a], [, b]) => b.asking.length / b.ms - a.asking.length / a.ms);
  return best && { file: best[0], asking: best[1].asking };
}

/** @param {Open[]} free */
function nextAlone(free) {
  const one = free.find(({ alone, waiting }) => alone.length > 0 && waiting.length === 0);
  return one && { file: undefined, asking: [one] };
}

/** @param {import("./tree.mjs").Tree} tree @param {Open} one */
async function askAlone(tree, one) {
  one.noticed = await judge(tree, one.mutant, one.alone);
  for (const { file, count } of one.alone) note(one, file, count);
  one.alone = [];
}

/** @param {import("./tree.mjs").Tree} tree @param {string} file @param {Open[]} asking */
async function askTogether(tree, file, asking) {
  let left = asking.map((one) => ({
    one,
    test: /** @type {Asked} */ (one.waiting.find((each) => each.file === file)),
  }));
  const limit = Math.max(...left.map(({ test }) => test.limit));
  const [
    {
      test: { whole },
    },
  ] = left;
  while (left.length > 0) {
    const mutants = left.map(({ one, test }) => ({ number: one.mutant.number, titles: test.titles }));
    const answered = new Set();
    await tree.askTogether({ file, whole, mutants }, limit, ({ mutant, fate, by }) => {
      const [{ one, test }] = left.filter((each) => each.one.mutant.number === mutant);
      answered.add(one);
      if (fate === "killed") one.noticed = { fate, by: `${file}: ${by}` };
      // And in every other file that loads it.
      if (fate === "loaded") for (const each of [...one.waiting]) answer(one, each, true);
      else answer(one, test, false);
    });
    left = left.filter(({ one }) => !answered.has(one));
    // The process was stopped, or ended, at the first of those that it didn't answer.
    const [unanswered] = left.splice(0, 1);
    if (unanswered !== undefined) answer(unanswered.one, unanswered.test, true);
  }
}

/** @typedef {import("./judge.mjs").Asked} Asked */

/** @param {Open} one @param {Asked} test @param {boolean} isAlone */
function answer(one, test, isAlone) {
  one.waiting = one.waiting.filter((each) => each !== test);
  if (isAlone) one.alone.push(test);
  else note(one, test.file, test.count);
}

/** @param {Open} one @param {string} file @param {number} count */
function note(one, file, count) {
  one.did.push(file);
  one.asked += count;
}
