import { Command as Tree, CommanderError } from "commander";

import type { Environment, Streams } from "../terminal/program.js";
import { runCommand, tellError } from "./run-command.js";
import { isNoun, type Noun, type Verb } from "./tree.js";
import { badUsage } from "./usage.js";

/**
 * Finds the command that a line names, and runs it.
 *
 * @param environment without variables that are empty
 * @returns the exit code, as {@link runCommand} says
 */
export async function runLine(
  commands: Readonly<Record<string, Noun | Verb>>,
  args: readonly string[],
  environment: Environment,
  streams: Streams,
): Promise<number> {
  let code = 0;
  const run = async (name: string, [, load]: Verb, words: readonly string[]) => {
    code = await runCommand(name, (await load()).default, words, environment, streams);
  };
  const tree = plain(new Tree("chartchain"));
  for (const [name, entry] of Object.entries(commands)) {
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
      error instanceof CommanderError ? explain(error, args, commands) : error,
      "chartchain",
      args,
      environment,
      streams,
    );
  }
}

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
function explain(
  { message }: CommanderError,
  args: readonly string[],
  commands: Readonly<Record<string, Noun | Verb>>,
) {
  if (args[0]?.startsWith("-")) {
    return badUsage("the command comes before its flags", "For example: chartchain whoami --profile alice");
  }
  const word = /unknown command '([a-z-]{1,30})'/.exec(message)?.[1];
  if (word === undefined) return badUsage("that isn't one of the commands", "chartchain --help shows all commands.");
  const withIt = Object.entries(commands).flatMap(([name, entry]) =>
    isNoun(entry) && Object.hasOwn(entry.verbs, word) ? [`chartchain ${name} ${word}`] : [],
  );
  const meant = /Did you mean (?:one of )?([a-z, -]+)\?/.exec(message)?.[1];
  const words = withIt.length > 0 ? withIt.join(", or ") : meant;
  return badUsage(
    `there is no ${word}`,
    words === undefined ? "chartchain --help shows all commands." : `Did you mean ${words}?`,
  );
}
