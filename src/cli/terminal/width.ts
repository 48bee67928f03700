import { AsyncLocalStorage } from "node:async_hooks";
import { stripVTControlCharacters } from "node:util";

import { COMMAND_WORDS } from "../line/own-home.js";
import type { Environment, Output } from "./program.js";

const [USUAL, LEAST] = [80, 60];

const rooms = new AsyncLocalStorage<number>();

/** How many columns output has: the terminal's, else COLUMNS, else 80. Nothing is fitted into fewer than 60. */
export function widthOf({ columns }: Output, environment: Environment): number {
  const given = [columns, Number(environment["COLUMNS"])].find((width) => width !== undefined && width > 0);
  return Math.max(given ?? USUAL, LEAST);
}

/** Does something for output that has so many columns; {@link room} knows it meanwhile, also where several steps run at once. */
export const within = <T>(columns: number, work: () => T): T => rooms.run(columns, work);

/** How many columns the output has that is made now; outside of a step nothing limits it. */
export const room = (): number => rooms.getStore() ?? Infinity;

const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303F\uFF01-\uFF60]/u;
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** How many columns a text takes. */
export function columnsOf(text: string): number {
  // Almost all is, and the other way tables of all letters are read first.
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const letter of stripVTControlCharacters(text)) columns += WIDE.test(letter) ? 2 : NONE.test(letter) ? 0 : 1;
  return columns;
}

/**
 * Breaks a line between words.
 *
 * @param first how many columns are taken before the first line
 * @param how.within break a word, too, that is longer than a line; else it stands on one of its own
 */
export function wrap(line: string, columns: number, how: { first?: number; within?: boolean } = {}): string[] {
  const lines: string[] = [];
  let now: string | undefined;
  let left = columns - (how.first ?? 0);
  for (const word of line.split(" ")) {
    const width = columnsOf(word);
    if (now !== undefined && columnsOf(now) + 1 + width <= left) {
      now = `${now} ${word}`;
      continue;
    }
    if (now !== undefined) {
      lines.push(now);
      left = columns;
    }
    const pieces: string[] = how.within && width > left && !word.includes("\x1b") ? cut(word, left) : [word];
    lines.push(...pieces.slice(0, -1));
    now = pieces.at(-1)!;
  }
  return [...lines, now ?? ""];
}

/** Cuts a word that has no end into pieces, also where a letter takes two columns. */
function cut(word: string, columns: number): string[] {
  const pieces = [""];
  for (const letter of word) {
    const now = pieces.at(-1)!;
    if (columnsOf(now) + columnsOf(letter) > columns) pieces.push(letter);
    else pieces[pieces.length - 1] = now + letter;
  }
  return pieces;
}

const COMMAND = new RegExp(`${COMMAND_WORDS}|\\bnode \\S+`, "g");
/** What stands before a text, below which its further lines begin: a mark, an error's label, or nothing but space. */
const HANGING = /^(?:[✔!✘] | {2}(?:where|why|hint|code|mend) +| *)/;
const GLUE = "\uE000";

/**
 * Fits a text into lines. Tables are as wide as they were made. A command that stands at the end of a line comes whole onto a
 * line of its own where it fits, else on several that a shell takes for one.
 *
 * @example
 * fitted("! What is in doubt waits …", 80)
 */
export function fitted(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => fitLine(line, columns))
    .join("\n");
}

function fitLine(line: string, columns: number): string[] {
  const plain = stripVTControlCharacters(line);
  // What is to be pasted stands on lines of its own.
  const isExplained = /^Next: (?!chartchain ).*: chartchain [a-z]/.test(plain);
  if ((columnsOf(plain) <= columns && !isExplained) || /^\s*[│┌├└]/.test(plain)) return [line];
  if (/^\s*mv '/.test(plain)) return commandLines(line.trim(), columns);
  const at = line.search(/\bchartchain [a-z]/);
  if (at >= 0 && (/^Next:/.test(plain) || /(^ *|: )chartchain [a-z](?!.*[.,;]( |$))/.test(plain))) {
    const before = line.slice(0, at).trimEnd();
    return [...(before === "" ? [] : proseLines(before, columns)), ...commandLines(line.slice(at), columns)];
  }
  return proseLines(line, columns);
}

function proseLines(line: string, columns: number): string[] {
  const hanging = HANGING.exec(stripVTControlCharacters(line))![0].length;
  const [, lead = "", rest = ""] = /^( *)(.*)$/su.exec(line)!;
  const glued = rest.replace(COMMAND, (command) => command.replaceAll(" ", GLUE));
  const [first = "", ...others] = wrap(glued, columns - hanging, { first: lead.length - hanging });
  return [lead + first, ...others.map((other) => " ".repeat(hanging) + other)].map((one) => one.replaceAll(GLUE, " "));
}

/** Broken before flags and paths in quotes, with a backslash at the end of each line but the last. */
function commandLines(command: string, columns: number): string[] {
  const [head = "", ...flags] = command.split(/ (?=--|'\/)/);
  const lines = [`  ${head}`];
  for (const flag of flags) {
    const longer = `${lines.at(-1)!} ${flag}`;
    if (columnsOf(longer) <= columns - 2) lines[lines.length - 1] = longer;
    else lines.push(`    ${flag}`);
  }
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
}
