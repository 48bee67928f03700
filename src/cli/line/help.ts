import pc from "picocolors";

import type { Flags } from "./flags.js";
import { columnsOf, fitted, wrap } from "../terminal/width.js";

const ACTOR_ENVIRONMENT: Record<string, string> = {
  CHARTCHAIN_PASSPHRASE: "opens wallet and vault; asked for on a terminal when it isn't set",
  CHARTCHAIN_KEY: "private key of the account, instead of a wallet",
};

/** What `--help` says of a step besides its flags. */
interface Described {
  name: string;
  purpose: string;
  operand?: string;
  examples: readonly string[];
}

/** What `--help` prints on so many columns: purpose, flags, environment, examples. */
export function renderHelp(command: Described, flags: Flags, width: number): string {
  const { operand } = command;
  const needed = Object.entries(flags).filter(([name, flag]) => flag.required && name !== operand);
  const first = operand === undefined ? "" : ` ${operandInWords(flags[operand]!)}`;
  const usage = first + needed.map(([name, { placeholder }]) => ` --${name} ${placeholder}`).join("");
  const variables = {
    ...("wallet" in flags ? ACTOR_ENVIRONMENT : {}),
    CHARTCHAIN_DEBUG: "1: print stack traces with errors",
  };
  return [
    fitted(command.purpose, width),
    "",
    fitted(`${pc.bold("Usage:")} chartchain ${command.name}${usage} [options]`, width),
    "",
    pc.bold("Options:"),
    ...columns(
      Object.entries(flags).map(([name, { placeholder, help, required }]) => [
        `--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`,
        [help, ...(required ? ["(required)"] : []), ...(name === operand ? ["(or the first word)"] : [])].join(" "),
      ]),
      width,
    ),
    "",
    pc.bold("Environment:"),
    ...columns(Object.entries(variables), width),
    "",
    pc.bold(command.examples.length === 1 ? "Example:" : "Examples:"),
    ...command.examples.map((example) => fitted(`  chartchain ${command.name} ${example}`.trimEnd(), width)),
    "",
  ].join("\n");
}

/** What may stand without its flag's name: `ID`, `[ID]`, `FILE...`. */
function operandInWords({ placeholder = "", many, required }: Flags[string]): string {
  const name = placeholder.replace(/,…$/, "");
  const all = many ? `${name}...` : name;
  return required ? all : `[${all}]`;
}

/** How far the explanations stand from the edge; that of a longer flag begins on the next line. */
const MARGIN = 28;

/** Names, and beside them what they mean. */
export function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const margin = Math.min(MARGIN, Math.max(...rows.map(([left]) => left.length)) + 2);
  return rows.flatMap(([left, right]) => {
    const [first = "", ...others] = wrap(right, width - margin - 2);
    const below = others.map((line) => " ".repeat(margin + 2) + line);
    if (columnsOf(left) + 2 <= margin) return [`  ${left.padEnd(margin)}${first}`, ...below];
    return [`  ${left}`, " ".repeat(margin + 2) + first, ...below];
  });
}
