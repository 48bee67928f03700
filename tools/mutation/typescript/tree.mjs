/** A copy of the project with every mutant in it, asleep, and the processes that run tests there. */
import { fork } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { at, NODE, ROOT } from "../../setup/project.mjs";
import { scratchFolder } from "../../test/scratch.mjs";

const LEFT_OUT = new Set([".git", ".cache", "node_modules", "coverage", "dist"]);

/**
 * @typedef {import("./runner.mjs").Task} Task
 * @typedef {import("./runner.mjs").Answer} Answer
 */

export class Tree {
  #scratch = scratchFolder() ?? tmpdir();
  #root = mkdtempSync(join(this.#scratch, "mutants-"));
  #number = 0;
  /** @type {Runner | undefined} */
  #next;

  /** @param {Record<string, string>} files instrumented, by path. */
  constructor(files) {
    cpSync(ROOT, this.#root, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(ROOT, path)) });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(this.#root, file), text);
    symlinkSync(at("node_modules"), join(this.#root, "node_modules"), "dir");
    process.once("exit", () => rmSync(this.#root, { recursive: true, force: true, maxRetries: 3 }));
  }

  /**
   * Runs tests in a process of their own.
   *
   * @param {Task} task
   * @param {number} limit in milliseconds, for each of the tests.
   * @returns {Promise<Answer | "timeout" | "died">} died: the process ended without a word.
   */
  async run(task, limit) {
    const runner = this.#next ?? this.#start();
    await runner.ready;
    // The next one loads meanwhile; one that will note what runs in it is told so at its start.
    this.#next = task.notes !== undefined ? undefined : this.#start();
    return runner.run(task, limit);
  }

  /**
   * Asks the tests of one file about many mutants, in one process; ends early when one of them takes too long, or ends it.
   *
   * @param {import("./runner.mjs").TaskTogether} task
   * @param {number} limit in milliseconds, for each of the tests.
   * @param {(answer: import("./runner.mjs").AnswerTogether) => void} take
   */
  async askTogether(task, limit, take) {
    const runner = this.#next ?? this.#start();
    await runner.ready;
    this.#next = this.#start();
    await runner.run(task, limit, take);
  }

  /** What ran in processes that the tests of one file started, and outside its tests. @returns {string[]} */
  leftBehind() {
    const folder = this.#run();
    const files = readdirSync(folder).map((name) => join(folder, name));
    return [...new Set(files.flatMap((file) => /** @type {string[]} */ (JSON.parse(readFileSync(file, "utf8")))))];
  }

  close() {
    this.#next?.stop();
  }

  #start() {
    this.#number++;
    mkdirSync(this.#run(), { recursive: true });
    return new Runner(this.#root, {
      TMPDIR: this.#scratch,
      CHARTCHAIN_MUTANTS_RUN: this.#run(),
      NODE_OPTIONS: `--import=${new URL("leave-coverage.mjs", import.meta.url).pathname}`,
    });
  }

  #run() {
    return join(this.#root, ".cache", "runs", String(this.#number));
  }
}

class Runner {
  #child;
  /** @type {Promise<unknown>} */
  ready;

  /** @param {string} root @param {Record<string, string>} env */
  constructor(root, env) {
    this.#child = fork(join(root, "tools", "mutation", "typescript", "runner.mjs"), {
      cwd: root,
      env: { ...process.env, ...env },
      execPath: NODE,
      execArgv: ["--import=tsx", "--no-experimental-require-module", "--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      // Its own group: a test may have started something itself.
      detached: true,
    });
    this.#child.on("error", () => {});
    this.ready = new Promise((resolve) => this.#child.once("message", resolve).once("exit", resolve));
  }

  /**
   * @param {Task | import("./runner.mjs").TaskTogether} task
   * @param {number} limit
   * @param {(answer: import("./runner.mjs").AnswerTogether) => void} [take]
   * @returns {Promise<Answer | "timeout" | "died">}
   */
  run(task, limit, take) {
    return new Promise((resolve) => {
      let late = false;
      /** @type {Answer | undefined} */
      let answer;
      const clock = setTimeout(() => {
        late = true;
        this.stop();
      }, limit);
      this.#child.on("message", (message) => {
        if (late) return;
        clock.refresh();
        if (take !== undefined && message !== "goes on") take(/** @type {any} */ (message));
        else if (message !== "goes on") answer = /** @type {Answer} */ (message);
      });
      this.#child.once("exit", () => {
        clearTimeout(clock);
        this.stop();
        resolve(answer ?? (late ? "timeout" : "died"));
      });
      if (this.#child.connected) this.#child.send(task, () => {});
      else this.#child.emit("exit");
    });
  }

  stop() {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has ended, and with it what it started.
    }
  }
}
