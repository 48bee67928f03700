/** How far a run is: a bar on a terminal, otherwise a line for each mutant. */
import { stdout } from "node:process";

import cliProgress from "cli-progress";

export class Progress {
  /** @type {cliProgress.SingleBar | undefined} */
  #bar;
  #counts = { killed: 0, survived: 0 };
  #number = 0;
  #total;

  /** @param {number} total */
  constructor(total) {
    this.#total = total;
    if (!stdout.isTTY) return;
    const format = "{bar} {value}/{total} · {killed} killed · {survived} survived · {eta_formatted} left";
    this.#bar = new cliProgress.SingleBar({ format, etaBuffer: 50 }, cliProgress.Presets.shades_classic);
    this.#bar.start(total, 0, this.#counts);
  }

  /** @param {import("./mutants.mjs").Mutant & import("./tree.mjs").Verdict} judged */
  done({ file, line, fate, seconds, was, becomes, by }) {
    this.#number++;
    if (fate === "killed" || fate === "timeout") this.#counts.killed++;
    if (fate === "survived") this.#counts.survived++;
    if (this.#bar !== undefined) this.#bar.increment(this.#counts);
    else
      console.log(
        `${this.#number}/${this.#total} ${fate} ${file}:${line}${seconds === undefined ? "" : ` (${seconds} s)`}${by === undefined ? "" : ` ${by}`}`,
      );
    if (fate === "survived" && this.#bar === undefined) console.log(`    - ${was}\n    + ${becomes}`);
  }

  stop() {
    this.#bar?.stop();
  }
}
