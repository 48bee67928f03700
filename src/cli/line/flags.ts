import { Command as Line, CommanderError, Option } from "commander";

import type { ChartChainError } from "../../errors/index.js";
import type { Completion, Kind } from "./flag-kinds.js";
import type { Environment } from "../terminal/program.js";
import { badUsage } from "./usage.js";

/** One flag of a command. Without a placeholder it is a switch. */
export interface Flag<T> {
  readonly placeholder?: string;
  readonly help: string;
  readonly required?: boolean;
  /** It may be given several times. */
  readonly many?: true;
  /** What a shell offers for its value. */
  readonly completes?: Completion;
  /** Turns what was given (nothing, once, or several times) into a value. */
  read(name: string, given: readonly string[], environment: Environment): T;
}

export type Flags = Record<string, Flag<unknown>>;
export type Values<F extends Flags> = { [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never };

/** What help and shells know of a kind. */
const shown = ({
  placeholder,
  completes,
}: Kind<unknown>): Pick<Flag<unknown>, "completes"> & { placeholder: string } => ({
  placeholder,
  ...(completes === undefined ? {} : { completes }),
});

/** A switch. */
export const toggle = (help: string): Flag<boolean> => ({ help, read: (_, given) => given.length > 0 });

/** A flag that may be left out. */
export const optional = <T>(kind: Kind<T>, help: string): Flag<T | undefined> => ({
  ...shown(kind),
  help,
  read: (name, given) => (given.length === 0 ? undefined : single(kind, name, given)),
});

/** A flag that may be left out: then it is what a variable of the environment holds, as it stands there. */
export const orVariable = <Otherwise extends string | undefined = undefined>(
  variable: string,
  kind: Kind<string>,
  help: string,
  otherwise?: Otherwise,
): Flag<string | Otherwise> => ({
  ...shown(kind),
  help,
  read: (name, given, environment) =>
    given.length > 0 ? single(kind, name, given) : (environment[variable] ?? (otherwise as Otherwise)),
});

/** {@link orVariable}, for what isn't a text: what the variable holds is read like the flag's value. */
export const parsedOrVariable = <T>(variable: string, kind: Kind<T>, help: string): Flag<T | undefined> => ({
  ...shown(kind),
  help,
  read: (name, given, environment) => {
    if (given.length > 0) return single(kind, name, given);
    const text = environment[variable];
    return text === undefined ? undefined : parseVariable(kind, variable, text);
  },
});

/** A flag that may be given any number of times; else a variable holds the values, with white space between them. */
export const repeatedOrVariable = <T>(variable: string, kind: Kind<T>, help: string): Flag<T[]> => ({
  ...shown(kind),
  help,
  read: (name, given, environment) => {
    if (given.length > 0) return given.map((text) => parse(kind, name, text));
    const texts = (environment[variable] ?? "").split(/\s+/).filter((text) => text !== "");
    return texts.map((text) => parseVariable(kind, variable, text));
  },
});

/** A flag that has to be there. */
export const required = <T>(kind: Kind<T>, help: string): Flag<T> => ({
  ...shown(kind),
  help,
  required: true,
  read: (name, given) => {
    if (given.length === 0) throw badUsage(`--${name} is missing: ${kind.expects}`);
    return single(kind, name, given);
  },
});

/** Several values: with commas, or by giving the flag again. */
export const several = <T>(kind: Kind<T>, help: string): Flag<T[]> => ({
  ...shown(kind),
  placeholder: `${kind.placeholder},…`,
  help,
  many: true,
  read: (name, given) => {
    const texts = given.flatMap((text) => text.split(","));
    return [...new Set(texts.map((text) => parse(kind, name, text.trim())))];
  },
});

/** A value that may hold commas, given any number of times. */
export const repeated = <T>(kind: Kind<T>, help: string): Flag<T[]> => ({
  ...shown(kind),
  help,
  many: true,
  read: (name, given) => given.map((text) => parse(kind, name, text)),
});

function single<T>(kind: Kind<T>, name: string, given: readonly string[]): T {
  if (given.length > 1) throw badUsage(`--${name} is given ${given.length} times`);
  return parse(kind, name, given[0]!);
}

const parse = <T>(kind: Kind<T>, name: string, text: string): T => parseVariable(kind, `--${name}`, text);

function parseVariable<T>(kind: Kind<T>, name: string, text: string): T {
  const value = kind.parse(text);
  if (value !== undefined) return value;
  const wrong = kind.wrong?.(text);
  throw badUsage(wrong === undefined ? `${name} needs ${kind.expects}` : `${name}: ${wrong}`);
}

/**
 * Reads a command line.
 *
 * @param environment without variables that are empty
 * @param operand the flag that the first word, or each word where there may be many, gives without the flag's name
 * @throws BAD_USAGE for an unknown flag, a missing or unusable value, or a stray argument; no message repeats a value,
 *   which may be a secret in the wrong place
 */
export function readFlags<F extends Flags>(
  flags: F,
  args: readonly string[],
  environment: Environment,
  operand?: keyof F & string,
): Values<F> {
  const given = new Map<string, string[]>(Object.keys(flags).map((name) => [name, []]));
  const line = new Line()
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .helpOption(false)
    .argument("[words...]");
  for (const [name, { placeholder }] of Object.entries(flags)) {
    const option = new Option(placeholder === undefined ? `--${name}` : `--${name} <value>`);
    line.addOption(option).on(`option:${name}`, (value: string | null) => given.get(name)!.push(value ?? ""));
  }
  try {
    line.parse([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) throw explain(error, flags);
    throw error;
  }
  for (const [name, values] of given) {
    // The next flag stands where the value should.
    if (values.some((value) => /^--[a-z]/.test(value) && given.has(value.slice(2)))) {
      throw badUsage(`--${name} needs a value`);
    }
  }
  const words = line.args;
  const most = operand === undefined ? 0 : flags[operand]!.many ? Infinity : 1;
  if (words.length > most) throw badUsage("there is an argument that belongs to no flag");
  if (operand !== undefined) given.get(operand)!.push(...words);
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, flag.read(name, given.get(name)!, environment)]),
  ) as Values<F>;
}

/** Says what commander complains about, without the value that stands there. */
function explain({ code, message }: CommanderError, flags: Flags): ChartChainError {
  const name = /'(--?[A-Za-z0-9-]+)/.exec(message)?.[1] ?? "a flag";
  if (code === "commander.unknownOption") {
    if (Object.hasOwn(flags, name.replace(/^--/, ""))) return badUsage(`${name} takes no value`);
    if (/key|pass|secret|mnemonic|seed/i.test(name)) {
      return badUsage(`there is no ${name}: others can read a command line`, SECRETS);
    }
    const meant = /Did you mean (--[a-z-]+)/.exec(message)?.[1];
    return badUsage(`there is no ${name}${meant === undefined ? "" : `: did you mean ${meant}?`}`);
  }
  if (code === "commander.optionMissingArgument") return badUsage(`${name} needs a value`);
  return badUsage("there is an argument that belongs to no flag");
}

const SECRETS = "Put the key into CHARTCHAIN_KEY and the passphrase into CHARTCHAIN_PASSPHRASE, or wait to be asked.";
