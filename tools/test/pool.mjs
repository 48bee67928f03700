/** Runs tasks in lanes, and test files in workers that belong to the lanes. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import { NODE, ROOT } from "../setup/project.mjs";

/** @typedef {import("./worker.mjs").FileRun} FileRun */

/** More workers than this wait for each other, mostly. */
const MOST = 4;

/** So many things run beside each other. */
export const LANES = Math.min(availableParallelism(), MOST);

/** As `mocha` is started; see .mocharc.json. */
const NODE_OPTIONS = [
  "--import=tsx",
  "--no-experimental-require-module",
  // Node says of each young algorithm that it is young: once for every worker, in between what matters.
  "--disable-warning=ExperimentalWarning",
];

/** A process that runs one test file at a time, started when the first one comes. */
export class Worker {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;
  #env;

  /** @param {Record<string, string>} env */
  constructor(env) {
    this.#env = env;
  }

  /** @param {{ file: string, verbose: boolean, timeout: number }} task @returns {Promise<FileRun>} */
  run(task) {
    this.#child ??= fork(fileURLToPath(new URL("worker.mjs", import.meta.url)), {
      cwd: ROOT,
      env: { ...process.env, ...this.#env },
      execPath: NODE,
      execArgv: NODE_OPTIONS,
    });
    const child = this.#child;
    const started = performance.now();
    return new Promise((resolve) => {
      const done = (/** @type {FileRun} */ run) => {
        child.off("message", done).off("exit", died);
        resolve(run);
      };
      const died = (/** @type {number | null} */ code, /** @type {string | null} */ signal) => {
        this.#child = undefined;
        const text = `  ${task.file}: its process ended with ${signal ?? code} before its tests were done`;
        done({ file: task.file, passed: 0, failed: 1, skipped: 0, ms: performance.now() - started, cpu: 0, text });
      };
      child.on("message", done).on("exit", died);
      child.send(task);
    });
  }

  /** Resolves when the process is gone, and has written its coverage. */
  close() {
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      child.once("exit", () => resolve(undefined));
      child.disconnect();
    });
  }
}

/**
 * Takes tasks in their order, as many at a time as there are lanes, until none is left.
 *
 * @template Task
 * @param {readonly Task[]} tasks
 * @param {(task: Task, lane: number) => Promise<void>} run
 * @param {number} [lanes]
 */
export async function inLanes(tasks, run, lanes = LANES) {
  const waiting = [...tasks];
  const lane = async (/** @type {number} */ number) => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await run(task, number);
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
}
