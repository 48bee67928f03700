import { readConfiguration } from "../actor/profile.js";
import type { Environment } from "../terminal/program.js";
import type { Command } from "./command.js";
import { OUTPUT_FLAGS } from "./common-flags.js";
import type { Flag, Flags } from "./flags.js";
import { isNoun, type Noun, type Verb } from "./tree.js";

/** What may stand at a place of the line, and what it means. */
type Candidates = readonly (readonly [word: string, about: string])[];

/**
 * What a shell offers for the last of some words: one candidate to a line, its meaning behind a tab; or `:file` or `:folder`
 * where the shell lists paths itself. Nothing where nothing is known, and never an error: it would stand in the middle of
 * what somebody types.
 *
 * @param given words after the program's name; the last one is what is typed so far
 */
export async function complete(
  commands: Readonly<Record<string, Noun | Verb>>,
  given: readonly string[],
  environment: Environment,
): Promise<string> {
  // Bash makes a word of its own of the sign in `--flag=value`.
  const words = given.at(-1) === "=" ? [...given.slice(0, -1), ""] : given.filter((word) => word !== "=");
  try {
    const [first, second] = words;
    const typed = words.at(-1) ?? "";
    const [, name, value] = /^(--[a-z-]+)=(.*)$/.exec(typed) ?? [];
    // `--flag=value` in one word is completed in one, as the shell replaces all of it.
    if (name !== undefined) {
      const values = await complete(commands, [...words.slice(0, -1), name, value!], environment);
      // Flags are offered where that one takes no value.
      return values.startsWith("--") ? "" : values.replace(/^(?=[^:\n])/gm, `${name}=`);
    }
    if (words.length <= 1)
      return lines(
        typed,
        Object.entries(commands).map(([name, entry]) => [name, aboutOf(entry)]),
      );
    const entry = Object.hasOwn(commands, first!) ? commands[first!]! : undefined;
    if (entry === undefined) return "";
    if (!isNoun(entry)) return await ofCommand(entry, words.slice(1), environment);
    if (words.length === 2)
      return lines(
        typed,
        Object.entries(entry.verbs).map(([name, [about]]) => [name, about]),
      );
    return Object.hasOwn(entry.verbs, second!)
      ? await ofCommand(entry.verbs[second!]!, words.slice(2), environment)
      : "";
  } catch {
    return "";
  }
}

const aboutOf = (entry: Noun | Verb): string => (isNoun(entry) ? entry.about : entry[0]);

/** Those that begin as what is typed, in any case: names of categories are upper case, and nobody types them so. */
const lines = (typed: string, candidates: Candidates): string =>
  candidates
    .filter(([word]) => word.toLowerCase().startsWith(typed.toLowerCase()))
    .map(([word, about]) => `${word}\t${about.replace(/\s+/g, " ")}\n`)
    .join("");

async function ofCommand([, load]: Verb, words: readonly string[], environment: Environment): Promise<string> {
  const { default: command } = (await load()) as { default: Pick<Command, "flags" | "operand"> };
  const flags: Flags = { ...command.flags, ...OUTPUT_FLAGS };
  const typed = words.at(-1)!;
  const before = words.slice(0, -1);
  const asked = flagNamed(before.at(-1), flags);
  if (asked?.placeholder !== undefined) return values(asked, typed, environment);
  const isTaken = before.some(
    (word, i) => !word.startsWith("-") && flagNamed(before[i - 1], flags)?.placeholder === undefined,
  );
  const first = command.operand === undefined ? undefined : flags[command.operand];
  const operand = isTaken && first?.many !== true ? undefined : first;
  if (operand !== undefined && !typed.startsWith("-")) return values(operand, typed, environment);
  const left = Object.entries(flags).filter(([name, flag]) => isRepeatable(flag) || !before.includes(`--${name}`));
  return lines(
    typed,
    left.map(([name, { help }]) => [`--${name}`, help]),
  );
}

const flagNamed = (word: string | undefined, flags: Flags): Flag<unknown> | undefined => {
  const name = word?.startsWith("--") === true ? word.slice(2) : undefined;
  return name !== undefined && Object.hasOwn(flags, name) ? flags[name] : undefined;
};

const isRepeatable = ({ many }: Flag<unknown>): boolean => many === true;

function values(flag: Flag<unknown>, typed: string, environment: Environment): string {
  const { completes } = flag;
  if (completes === undefined) return "";
  if (completes === "file" || completes === "folder") return `:${completes}\n`;
  if (typeof completes === "string") {
    const { profiles, networks } = readConfiguration(environment);
    const names = Object.keys(completes === "profile" ? profiles : networks);
    return lines(
      typed,
      names.map((name) => [name, completes]),
    );
  }
  // Of several with commas between, the last one is typed.
  const former = flag.placeholder?.endsWith(",…") === true ? typed.slice(0, typed.lastIndexOf(",") + 1) : "";
  const named = former.toUpperCase().split(",");
  return lines(
    typed,
    completes.filter((name) => !named.includes(name.toUpperCase())).map((name) => [`${former}${name}`, flag.help]),
  );
}
