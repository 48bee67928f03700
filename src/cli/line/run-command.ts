import type { Command } from "./command.js";
import { OUTPUT_FLAGS } from "./common-flags.js";
import { readFlags, type Flags } from "./flags.js";
import { renderHelp } from "./help.js";
import { atHome, homeAndProfile } from "./own-home.js";
import { BAD_USAGE } from "./usage.js";
import { hostOf } from "../terminal/host.js";
import { isChartChainError } from "../../errors/index.js";
import { withProfile } from "../actor/profile.js";
import { INTERRUPTED } from "../terminal/interrupt.js";
import { toJson } from "../terminal/json.js";
import type { Environment, Streams } from "../terminal/program.js";
import { asChartChainError, hideSecrets, renderError, withHint } from "../terminal/report-error.js";
import { withoutNext } from "../terminal/tables.js";
import type { Talk } from "../terminal/talk.js";
import { fitted, widthOf, within } from "../terminal/width.js";

/**
 * Runs a command: reads the command line, writes the result or the error.
 *
 * @param name as a person types it: `consent grant`
 * @param environment without variables that are empty
 * @returns the exit code: 0; 1 when it failed, or left something undone; 2 when the command line is wrong; 130 when it was
 *   interrupted
 */
export async function runCommand<F extends Flags>(
  name: string,
  command: Command<F>,
  args: readonly string[],
  environment: Environment,
  streams: Streams,
): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  const flags = { ...command.flags, ...OUTPUT_FLAGS };
  const columns = widthOf(stdout, environment);
  if (args.includes("--help") || args.includes("-h")) {
    stdout.write(renderHelp({ name, ...command }, flags, columns));
    return 0;
  }
  const json = args.includes("--json");
  const quiet = args.includes("--quiet");
  let where = name;
  let settings = environment;
  try {
    const chosen = homeAndProfile(args);
    if (command.aboutProfiles !== true) settings = withProfile(chosen.profile, environment);
    const talk: Talk = {
      interactive: stdin.isTTY === true && stderr.isTTY === true,
      json,
      environment: settings,
      streams,
      note: (text) => void (json || quiet || stderr.write(`${fitted(text, columns)}\n`)),
    };
    const values = readFlags(flags, args, settings, command.operand);
    if ("rpc" in values) where = `${where}, node ${hostOf(values.rpc as string)}`;
    const {
      data,
      text,
      incomplete = false,
      verbatim = false,
      stay,
    } = await within(columns, () => atHome(chosen, () => command.run(values, talk)));
    const printed = json ? toJson(data) : verbatim ? text : fitted(quiet ? withoutNext(text) : text, columns);
    if (text !== "") stdout.write(`${printed}\n`);
    await stay?.();
    return incomplete ? 1 : 0;
  } catch (thrown) {
    const error =
      isChartChainError(thrown, "NOT_REGISTERED") && name !== "init"
        ? withHint(
            thrown,
            "Register it: chartchain init NAME makes a profile; chartchain account register-patient or chartchain account register-provider takes this home.",
          )
        : thrown;
    return tellError(error, where, args, settings, streams);
  }
}

/** Writes an error as a block, or as one JSON document where `--json` is among the arguments. Returns the exit code. */
export function tellError(
  thrown: unknown,
  where: string,
  args: readonly string[],
  environment: Environment,
  { stdout, stderr }: Streams,
): number {
  const json = args.includes("--json");
  const error = asChartChainError(thrown);
  const report = renderError(error, where, { json, debug: environment["CHARTCHAIN_DEBUG"] === "1" });
  const shown = hideSecrets(report, args, environment);
  (json ? stdout : stderr).write(`${json ? shown : fitted(shown, widthOf(stdout, environment))}\n`);
  return error.code === BAD_USAGE ? 2 : error.code === INTERRUPTED ? 130 : 1;
}
