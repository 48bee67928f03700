import "./quiet.js";

import { DEFAULT_RPC, OUTPUT_FLAGS, variable, type CHAIN_FLAGS } from "./common-flags.js";
import { readFlags, type Flags, type Values } from "./flags.js";
import { renderHelp } from "./help.js";
import { toJson } from "./json.js";
import { asChartChainError, renderError } from "./report-error.js";
import { BAD_USAGE } from "./usage.js";

/** What a step came to: for programs, and for people. */
export interface Result {
  data: unknown;
  text: string;
}

/** How a step speaks to whoever runs it, besides its result. */
export interface Talk {
  /** Somebody sits at a terminal and can answer. */
  readonly interactive: boolean;
  /** Standard output is for a program. */
  readonly json: boolean;
  /** Says something on the way, on standard error; nothing with `--json`. */
  note(text: string): void;
}

/** One step that a person runs. */
export interface Command<F extends Flags> {
  /** The script's name without `.ts`. */
  name: string;
  /** What it does, in one or two sentences. */
  purpose: string;
  flags: F;
  /** Arguments that work. */
  examples: readonly string[];
  run(values: Values<F>, talk: Talk): Promise<Result>;
}

/**
 * Runs a step as the whole of a process: reads the command line, prints the result or the error, and sets the exit code
 * (0; 1 when it failed; 2 when the command line is wrong).
 *
 * @example
 * await runCommand({ name: "relay", purpose: "…", flags: { ...ACTOR_FLAGS }, examples: ["--file a.json"], run });
 */
export async function runCommand<F extends Flags>(command: Command<F>): Promise<void> {
  endQuietlyWithReader();
  const args = process.argv.slice(2);
  const json = args.includes("--json");
  const flags = { ...command.flags, ...OUTPUT_FLAGS };
  if (args.includes("--help")) {
    process.stdout.write(renderHelp(command, flags));
    return;
  }
  const talk: Talk = {
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    json,
    note: (text) => void (json || process.stderr.write(`${text}\n`)),
  };
  let rpc: string | undefined;
  try {
    const values = readFlags(flags, args);
    if ("rpc" in command.flags)
      rpc = (values as Values<typeof CHAIN_FLAGS>).rpc ?? variable("CHARTCHAIN_RPC") ?? DEFAULT_RPC;
    const { data, text } = await command.run(values, talk);
    process.stdout.write(`${json ? toJson(data) : text}\n`);
  } catch (thrown) {
    const error = asChartChainError(thrown);
    const where = rpc === undefined ? command.name : `${command.name}, node ${hostOf(rpc)}`;
    (json ? process.stdout : process.stderr).write(`${renderError(error, where, json)}\n`);
    process.exitCode = error.code === BAD_USAGE ? 2 : 1;
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "at an unusable URL");

/** `… | head` closes our output early: no reason for a stack trace. */
function endQuietlyWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(process.exitCode ?? 0);
  });
}
