import { SingleBar } from "cli-progress";

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
