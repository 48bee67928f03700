import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { ChartChainError } from "../../errors/index.js";
import type { Kind } from "../line/flag-kinds.js";
import { badUsage } from "../line/usage.js";
import { INTERRUPTED } from "./interrupt.js";
import type { Talk } from "./talk.js";

const cancelled = () =>
  new ChartChainError("CANCELLED", "nothing was done: it was called off at the question", {
    hint: "Run it again to answer otherwise.",
  });

const interrupted = () =>
  new ChartChainError(INTERRUPTED, "interrupted at the question: nothing was done", {
    hint: "Run it again to answer it.",
  });

/** Asks for one line on the terminal. What is typed isn't shown when `hidden`. Throws INTERRUPTED on ^C, CANCELLED on ^D. */
export async function askLine({ streams }: Talk, question: string, { hidden = false } = {}): Promise<string> {
  const { stdin, stderr } = streams;
  // In terminal mode it is readline that echoes, into its output.
  const output = new Writable({
    write(chunk, _, written) {
      if (!hidden) stderr.write(chunk as Buffer);
      written();
    },
  });
  const lines = createInterface({ input: stdin, output, terminal: true });
  // Only now, with the terminal's own echo off: a fast answer mustn't show.
  stderr.write(question);
  let isAnswered = false;
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("SIGINT", () => reject(interrupted()));
      lines.once("close", () => reject(cancelled()));
    });
    isAnswered = true;
    return answer;
  } finally {
    lines.close();
    // What is said next begins a line.
    if (hidden || !isAnswered) stderr.write("\n");
  }
}

/**
 * Asks yes or no before something that can't be taken back, unless `yes` was given on the command line.
 *
 * @throws CONFIRMATION_MISSING when nobody can be asked; CANCELLED on any answer but y or yes
 */
export async function confirm(talk: Talk, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!talk.interactive) {
    throw new ChartChainError("CONFIRMATION_MISSING", "this has to be confirmed, and there is no terminal to ask on", {
      hint: "Look at it first; then run it again with --yes.",
    });
  }
  if (!/^y(es)?$/i.test((await askLine(talk, `${question} [y/N] `)).trim())) throw cancelled();
}

/**
 * Asks for what a flag would have said, until it can be used.
 *
 * @param flag whose value it is, for whoever can't be asked
 * @param usual what an empty answer means
 * @throws BAD_USAGE when nobody can be asked; CANCELLED
 *
 * @example
 * const role = flags.role ?? (await askFor(talk, "role", "Patient or provider?", choice("ROLE", ROLES), "patient"));
 */
export async function askFor<T>(
  talk: Talk,
  flag: string,
  question: string,
  { parse, expects }: Kind<T>,
  usual?: string,
): Promise<T> {
  if (!talk.interactive) throw badUsage(`--${flag} is missing: ${expects}`);
  for (;;) {
    const answer = (await askLine(talk, `${question} ${usual === undefined ? "" : `[${usual}] `}`)).trim();
    const value = parse(answer === "" ? (usual ?? "") : answer);
    if (value !== undefined) return value;
    talk.streams.stderr.write(`It needs ${expects}.\n`);
  }
}
