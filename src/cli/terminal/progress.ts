import { SingleBar } from "cli-progress";

import type { ImportProgress } from "../../sdk/index.js";
import type { Talk } from "./talk.js";

/** A bar on standard error while something long runs; nothing where nobody watches. */
export interface Progress extends Disposable {
  update(value: number): void;
}

/**
 * Begins a progress bar.
 *
 * @example
 * using progress = startProgress(talk, "Adding records", records.length, "records");
 */
export function startProgress(talk: Talk, what: string, total: number, unit: string): Progress {
  const { stderr } = talk.streams;
  if (talk.json || !stderr.isTTY) return { update() {}, [Symbol.dispose]() {} };
  const bar = new SingleBar({
    format: `${what} {bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stream: stderr,
  });
  bar.start(total, 0);
  return { update: (value) => bar.update(value), [Symbol.dispose]: () => bar.stop() };
}

/** How far an import is, in one line that fits 80 columns. */
export interface ImportLine extends Disposable {
  update(progress: ImportProgress): void;
}

const PHASES = { reading: "Reading  ", importing: "Importing" };

/**
 * A line on standard error that says how far an import has come: a bar where it is known how much there is.
 *
 * @example
 * using line = startImportLine(talk);
 * await importFolder(client, { path, onProgress: (progress) => line.update(progress) });
 */
export function startImportLine(talk: Talk): ImportLine {
  const { stderr } = talk.streams;
  if (talk.json || !stderr.isTTY) return { update() {}, [Symbol.dispose]() {} };
  let [phase, bar]: [string, SingleBar | undefined] = ["", undefined];
  return {
    update({ phase: now, done, total, perSecond, secondsLeft }) {
      const isKnown = total !== undefined;
      if (now !== phase) {
        bar?.stop();
        const amount = isKnown ? "{bar} {percentage}% {value}/{total}" : "{value}";
        bar = new SingleBar({
          format: `${PHASES[now]} ${amount} resources, {rate}/s{left}`,
          barCompleteChar: "█",
          barIncompleteChar: "░",
          ...{ barsize: 16, hideCursor: true, clearOnComplete: true, stream: stderr },
        });
        bar.start(total ?? 0, 0, { rate: 0, left: "" });
        phase = now;
      }
      const left = secondsLeft === undefined ? "" : `, ${inWords(secondsLeft)} left`;
      bar?.update(done, { rate: Math.round(perSecond), left });
    },
    [Symbol.dispose]: () => bar?.stop(),
  };
}

/** "45 s", "12 min", "3 h" */
function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
