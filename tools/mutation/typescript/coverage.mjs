/** Which mutants each test runs: noted once for each test file, and kept as long as the sources and that file are the same. */
import { globSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { at, digest, ROOT, textOf } from "../../setup/project.mjs";

/** Those of the contracts, of tools and of other programs run little of what is mutated here, and take long. */
const NOT_ASKED = /^test\/(contracts|security|gas|proofs|bench|interop|mutation)\//;
const ROOMS = /^test\/(crypto|fhir|vault|sdk)\//;
const LIMIT = 15 * 60_000;

/**
 * @typedef {object} FileCoverage
 * @property {string} file
 * @property {boolean} whole whether its tests need each other, so that it only runs whole.
 * @property {string} outside mutants that run outside its tests, or while a fixture is set up: any of its tests may notice.
 * @property {{ title: string, ms: number, ran: string }[]} tests
 * @property {string} [failed] its tests fail without any mutant, and judge none.
 */

/**
 * The test files that are asked about a room's mutants, in circles: its own, those of the other rooms, and those of scripts,
 * tour, findings and formats.
 *
 * @param {string} room such as `sdk/consent`.
 */
export function circlesOf(room) {
  const files = globSync("test/**/*.test.ts", { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
  const asked = files.filter((file) => !NOT_ASKED.test(file)).sort();
  const circle = (/** @type {string} */ file) => (file.startsWith(`test/${room}/`) ? 0 : ROOMS.test(file) ? 1 : 2);
  return [0, 1, 2].map((number) => asked.filter((file) => circle(file) === number));
}

/** @param {string} file such as `src/sdk/consent/decide.ts`. */
export const roomOf = (file) => /^src\/((?:sdk\/)?[^/]+)/.exec(file)?.[1] ?? file;

/**
 * @param {import("./tree.mjs").Tree[]} trees as many are noted at a time.
 * @param {Record<string, string>} instrumented the sources, by path: their numbers are what is noted.
 * @param {string[]} files
 * @param {() => boolean} goesOn false stops between two files.
 * @returns {Promise<FileCoverage[] | undefined>} undefined when it stopped.
 */
export async function coverageOf(trees, instrumented, files, goesOn) {
  const folder = [".cache", "mutation-typescript", "coverage", digest(Object.entries(instrumented)).slice(0, 16)];
  /** @type {FileCoverage[]} */
  const all = [];
  await eachBy(trees, files, goesOn, async (tree, file) => {
    const kept = [...folder, `${file.replaceAll("/", "-")}-${digest([[file, textOf(file) ?? ""]]).slice(0, 16)}.json`];
    const known = textOf(...kept);
    /** @type {FileCoverage} */
    const coverage = known === undefined ? await note(tree, file) : JSON.parse(known);
    all.push(coverage);
    if (known !== undefined) return;
    mkdirSync(dirname(at(...kept)), { recursive: true });
    writeFileSync(at(...kept), JSON.stringify(coverage));
    const { tests, whole, failed } = coverage;
    const seconds = Math.round(tests.reduce((sum, { ms }) => sum + ms, 0) / 1000);
    const result =
      failed === undefined ? `${tests.length} tests${whole ? ", only together" : ""}` : `judges none: ${failed}`;
    console.log(`${all.length}/${files.length} what ${file} runs: ${result} (${seconds} s)`);
  });
  return all.length === files.length ? all : undefined;
}

/**
 * Every worker takes one after the other.
 *
 * @template W, T
 * @param {W[]} workers
 * @param {T[]} tasks
 * @param {() => boolean} goesOn false: no other one is taken.
 * @param {(worker: W, task: T) => Promise<void>} work
 */
export async function eachBy(workers, tasks, goesOn, work) {
  const waiting = [...tasks];
  await Promise.all(
    workers.map(async (worker) => {
      while (waiting.length > 0 && goesOn()) await work(worker, /** @type {T} */ (waiting.shift()));
    }),
  );
}

/** @param {import("./tree.mjs").Tree} tree @param {string} file @returns {Promise<FileCoverage>} */
async function note(tree, file) {
  let answer = await tree.run({ tests: [{ file }], notes: "reversed" }, LIMIT);
  const whole = typeof answer === "string" || answer.failed !== undefined;
  if (whole) answer = await tree.run({ tests: [{ file }], notes: "in order" }, LIMIT);
  if (typeof answer === "string") return { file, whole, outside: "", tests: [], failed: answer };
  const { failed, notes } = answer;
  // The first test to run sets up what all of them stand on.
  const outside = packed([...tree.leftBehind(), ...(notes[0]?.ran ?? [])]);
  const tests = notes.map(({ title, ms, ran }) => ({ title, ms, ran: packed(ran) }));
  return {
    file,
    whole,
    outside,
    tests,
    ...(failed === undefined ? {} : { failed: `${failed.title}: ${failed.text}` }),
  };
}

/** A bit for each mutant. @param {string[]} numbers */
function packed(numbers) {
  const bytes = Buffer.alloc(Math.ceil((Math.max(0, ...numbers.map(Number)) + 1) / 8));
  for (const number of numbers.map(Number)) bytes[number >> 3] |= 1 << (number & 7);
  return bytes.toString("base64");
}

/** @param {string} bits @param {number} number */
export function has(bits, number) {
  return ((Buffer.from(bits, "base64")[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
}
