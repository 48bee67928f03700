import { OUTPUT_FLAGS } from "./common-flags.js";
import { readFlags, type Flags, type Values } from "./flags.js";
import { renderHelp } from "./help.js";
import { INTERRUPTED } from "./interrupt.js";
import { toJson } from "./json.js";
import { atHome, homeIn } from "./own-home.js";
import { isStarted, runAsProcess, type Environment, type Program, type Streams } from "./program.js";
import { asChartChainError, hideSecrets, renderError } from "./report-error.js";
import type { Talk } from "./talk.js";
import { BAD_USAGE } from "./usage.js";
import { fitted, widthOf, within } from "./width.js";

/** What a step came to: for programs, and for people. */
export interface Result {
  data: unknown;
  text: string;
  /** True where something is left undone that a person has to look at: the step ends with 1, and prints all of it. */
  incomplete?: boolean;
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
 * Makes a program of a step: it reads the command line, writes the result or the error, and returns the exit code (0; 1
 * when it failed, or left something undone; 2 when the command line is wrong; 130 when it was interrupted). Runs it, too,
 * when its file is the one that was started.
 *
 * @param meta of the step's file
 *
 * @example
 * export default step(import.meta, { name: "relay", purpose: "…", flags, examples: ["--file a.json"], run });
 */
export function step<F extends Flags>(meta: ImportMeta, command: Command<F>): Program {
  const program: Program = (args, environment, streams) => take(command, args, withoutEmpty(environment), streams);
  // Once the step's file is there as a whole: what stands further below in it exists by then.
  if (isStarted(meta)) queueMicrotask(() => void runAsProcess(program));
  return program;
}

async function take<F extends Flags>(
  command: Command<F>,
  args: readonly string[],
  environment: Environment,
  streams: Streams,
): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  const flags = { ...command.flags, ...OUTPUT_FLAGS };
  const columns = widthOf(stdout, environment);
  if (args.includes("--help")) {
    stdout.write(renderHelp(command, flags, columns));
    return 0;
  }
  const json = args.includes("--json");
  const talk: Talk = {
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    json,
    environment,
    streams,
    note: (text) => void (json || stderr.write(`${fitted(text, columns)}\n`)),
  };
  let where = command.name;
  try {
    const values = readFlags(flags, args, environment);
    if ("rpc" in values) where = `${where}, node ${hostOf(values.rpc as string)}`;
    const {
      data,
      text,
      incomplete = false,
    } = await within(columns, () => atHome(homeIn(args), () => command.run(values, talk)));
    stdout.write(`${json ? toJson(data) : fitted(text, columns)}\n`);
    return incomplete ? 1 : 0;
  } catch (thrown) {
    const error = asChartChainError(thrown);
    const report = renderError(error, where, { json, debug: environment["CHARTCHAIN_DEBUG"] === "1" });
    const shown = hideSecrets(report, args, environment);
    (json ? stdout : stderr).write(`${json ? shown : fitted(shown, columns)}\n`);
    return error.code === BAD_USAGE ? 2 : error.code === INTERRUPTED ? 130 : 1;
  }
}

const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "at an unusable URL");
