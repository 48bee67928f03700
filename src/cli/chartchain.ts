import { COMMANDS, SECTIONS } from "./commands/index.js";
import { COMPLETE } from "./line/completion-scripts.js";
import { renderNoun, renderOverview } from "./line/overview.js";
import { isNoun } from "./line/tree.js";
import { version } from "./line/version.js";
import { withoutEmpty, type Program } from "./terminal/program.js";
import { widthOf } from "./terminal/width.js";

/**
 * The command line: finds the command that is named, and runs it. Help comes without what only commands need: somebody waits.
 *
 * @returns the exit code: 0; 1 when it failed, or left something undone; 2 when the command line is wrong; 130 when it was
 *   interrupted
 */
export const chartchain: Program = async (given, variables, streams) => {
  const environment = withoutEmpty(variables);
  const args = given[0] === "help" ? [...given.slice(1), "--help"] : given;
  const print = (text: string): number => {
    streams.stdout.write(text);
    return 0;
  };
  const [first, second] = args;
  const columns = widthOf(streams.stdout, environment);
  if (asksForHelp(first)) return print(renderOverview(SECTIONS, columns));
  const named = Object.hasOwn(COMMANDS, first!) ? COMMANDS[first!]! : undefined;
  if (named !== undefined && isNoun(named) && asksForHelp(second)) return print(renderNoun(first!, named, columns));
  if (first === COMPLETE) {
    const { complete } = await import("./line/complete.js");
    return print(await complete(COMMANDS, args.slice(1), environment));
  }
  if (first === "--version") return print(`${version()}\n`);

  const { runLine } = await import("./line/run-line.js");
  return runLine(COMMANDS, args, environment, streams);
};

const asksForHelp = (word: string | undefined): boolean => word === undefined || word === "--help" || word === "-h";
