import pc from "picocolors";

import type { Command } from "./command.js";
import type { Flags } from "./flags.js";

const ACTOR_ENVIRONMENT: Record<string, string> = {
  CHARTCHAIN_PASSPHRASE: "opens wallet and vault; asked for on a terminal when it isn't set",
  CHARTCHAIN_KEY: "private key of the account, instead of a wallet",
};

/** What `--help` prints: purpose, flags, environment, examples. */
export function renderHelp<F extends Flags>(command: Command<F>, flags: Flags): string {
  const needed = Object.entries(flags).filter(([, flag]) => flag.required);
  const usage = needed.map(([name, { placeholder }]) => ` --${name} ${placeholder}`).join("");
  const variables = {
    ...("wallet" in flags ? ACTOR_ENVIRONMENT : {}),
    CHARTCHAIN_DEBUG: "1: print stack traces with errors",
  };
  return [
    command.purpose,
    "",
    `${pc.bold("Usage:")} npx tsx scripts/${command.name}.ts${usage} [options]`,
    "",
    pc.bold("Options:"),
    ...columns(
      Object.entries(flags).map(([name, { placeholder, help, required }]) => [
        `--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`,
        required ? `${help} (required)` : help,
      ]),
    ),
    "",
    pc.bold("Environment:"),
    ...columns(Object.entries(variables)),
    "",
    pc.bold(command.examples.length === 1 ? "Example:" : "Examples:"),
    ...command.examples.map((example) => `  npx tsx scripts/${command.name}.ts ${example}`.trimEnd()),
    "",
  ].join("\n");
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
