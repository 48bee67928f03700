import Table from "cli-table3";
import pc from "picocolors";

import { printable } from "./printable.js";
import type { Output } from "./program.js";

const PLAIN = { style: { head: [], border: [], compact: true } };

/** A table with a head. Cells are printed as they are: pass what comes from outside through {@link printable}. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const made = new Table({ ...PLAIN, head: head.map((title) => pc.bold(title)) });
  for (const row of rows) made.push(row.map(String));
  return made.toString();
}

/** Names and values, one pair to a row, a list line by line; a pair whose value is undefined is left out. */
export function facts(pairs: Record<string, string | number | readonly string[] | undefined>): string {
  const made = new Table(PLAIN);
  for (const [name, value] of Object.entries(pairs)) {
    if (value === undefined) continue;
    const lines = typeof value === "object" ? value : [String(value)];
    made.push([pc.dim(name), lines.map(printable).join("\n")]);
  }
  return made.toString();
}

export const done = (text: string): string => `${pc.green("✔")} ${pc.bold(printable(text))}`;
export const caution = (text: string): string => `${pc.yellow("!")} ${printable(text)}`;
export const next = (text: string): string => `${pc.dim("Next:")} ${text}`;

/** The beginning of a digest or a CID: enough to tell it from the others, and to name a record with. */
export const short = (text: string): string => (text.length <= 14 ? text : `${text.slice(0, 14)}…`);

/**
 * A text on several lines of at most so many characters, broken between words where that is possible: a table of such
 * cells fits a terminal of 80 columns.
 */
export function folded(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(...(word.match(new RegExp(`.{1,${width}}`, "gsu")) ?? [""]));
  }
  return lines.join("\n");
}

/** Cut into lines that fit beside a name on 80 columns. */
export const wrapped = (text: string): string[] => text.match(/.{1,58}/gsu) ?? [];

/** A CID, whole where there is room for it in a table of this many other columns. */
export const fitting = ({ isTTY, columns = Infinity }: Output, cid: string, others: number): string =>
  isTTY && columns < others + cid.length ? short(cid) : cid;

/** A time in seconds since 1970, in UTC, to the minute; "no end" for 0. */
export const time = (seconds: number): string =>
  seconds === 0 ? "no end" : `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

export const bytes = (size: number): string => {
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 / 1024).toFixed(1)} MiB`;
};

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
export const gas = (amount: number): string => amount.toLocaleString("en");
