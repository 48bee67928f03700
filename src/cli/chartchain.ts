import { Command as Tree, CommanderError } from "commander";

import { COMMANDS, SECTIONS } from "./commands/index.js";
import { COMPLETE } from "./line/completion-scripts.js";
import { renderNoun, renderOverview } from "./line/overview.js";
import { runCommand, tellError } from "./line/run-command.js";
import { isNoun, type Verb } from "./line/tree.js";
import { badUsage } from "./line/usage.js";
import { version } from "./line/version.js";
import { withoutEmpty, type Program } from "./terminal/program.js";
import { widthOf } from "./terminal/width.js";

/**
 * The command line: finds the command that is named, and runs it.
 *
 * @returns the exit code, as {@link runCommand} says
 */
export const chartchain: Program = async (given, variables, streams) => {
  const environment = withoutEmpty(variables);
  const args = given[0] === "help" ? [...given.slice(1), "--help"] : given;
  let code = 0;
  const print = (text: string): number => {
    streams.stdout.write(text);
    return 0;
  };
  const run = async (name: string, [, load]: Verb, words: readonly string[]) => {
    code = await runCommand(name, (await load()).default, words, environment, streams);
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
  if (first === "--version") return print(`${await version()}\n`);

  const tree = plain(new Tree("chartchain"));
  for (const [name, entry] of Object.entries(COMMANDS)) {
    if (!isNoun(entry)) {
      leaf(tree, name, (words) => run(name, entry, words));
      continue;
    }
    const branch = plain(tree.command(name));
    for (const [word, verb] of Object.entries(entry.verbs)) {
      leaf(branch, word, (words) => run(`${name} ${word}`, verb, words));
    }
  }
  try {
    await tree.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return tellError(
      error instanceof CommanderError ? explain(error) : error,
      "chartchain",
      args,
      environment,
      streams,
    );
  }
};

const asksForHelp = (word: string | undefined): boolean => word === undefined || word === "--help" || word === "-h";

const plain = (tree: Tree): Tree =>
  tree
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .helpOption(false)
    .helpCommand(false)
    .allowExcessArguments(false);

/** A command whose words it reads itself. */
const leaf = (tree: Tree, name: string, run: (words: readonly string[]) => Promise<void>): void =>
  void plain(tree.command(name))
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_, { args }: Tree) => run(args));

/** Says what commander complains about; of what stands there only what can't be a secret. */
function explain({ message }: CommanderError) {
  const word = /unknown command '([a-z-]{1,30})'/.exec(message)?.[1];
  const meant = /Did you mean (?:one of )?([a-z, -]+)\?/.exec(message)?.[1];
  return badUsage(
    word === undefined ? "that isn't one of the commands" : `there is no ${word}`,
    meant === undefined ? "chartchain --help shows all commands." : `Did you mean ${meant}?`,
  );
}
