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

/** Who says nothing for so long, in milliseconds, hangs in a loop that no time limit of Mocha's ends. */
const SILENCE = { tests: 12 * 60_000, deep: 3 * 60 * 60_000 };

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
    const child = (this.#child ??= this.#start());
    const started = performance.now();
    return new Promise((resolve) => {
      /** @type {NodeJS.Timeout | undefined} */
      let silent;
      const done = (/** @type {FileRun} */ run) => {
        clearTimeout(silent);
        child.off("message", heard).off("exit", died);
        resolve(run);
      };
      const heard = (/** @type {FileRun | "alive"} */ message) => {
        if (message !== "alive") return done(message);
        clearTimeout(silent);
        silent = setTimeout(() => child.kill("SIGKILL"), this.#env.CHARTCHAIN_DEEP ? SILENCE.deep : SILENCE.tests);
      };
      const died = (/** @type {number | null} */ code, /** @type {string | null} */ signal) => {
        const text = `  ${task.file}: its process ended with ${signal ?? code} before its tests were done`;
        done({ file: task.file, passed: 0, failed: 1, skipped: 0, ms: performance.now() - started, cpu: 0, text });
      };
      child.on("message", heard).on("exit", died);
      heard("alive");
      child.send(task, (error) => error && died(null, "a broken connection"));
    });
  }

  #start() {
    const child = fork(fileURLToPath(new URL("worker.mjs", import.meta.url)), {
      cwd: ROOT,
      env: { ...process.env, ...this.#env },
      execPath: NODE,
      execArgv: NODE_OPTIONS,
    });
    // It may also end between two files, by what the first one left behind.
    child
      .on("error", () => {})
      .on("exit", () => {
        if (this.#child === child) this.#child = undefined;
      });
    return child;
  }

  /** Resolves when the process is gone, and has written its coverage. */
  close() {
    const child = this.#child;
    if (child?.connected !== true) return Promise.resolve();
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
