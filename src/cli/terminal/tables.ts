import { stripVTControlCharacters } from "node:util";

import Table from "cli-table3";
import pc from "picocolors";

import { inOwnHome, inTheirHome } from "../line/own-home.js";
import { printable } from "./printable.js";
import { columnsOf, room, wrap } from "./width.js";

const PLAIN = { style: { head: [], border: [], compact: true } };

/**
 * A table with a head, as wide as the output at most. Cells are printed as they are: pass what comes from outside through
 * {@link printable}.
 */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const [titles = [], ...others] = fit([head, ...rows.map((row) => row.map(String))]);
  const made = new Table({ ...PLAIN, head: titles.map((title) => pc.bold(title)) });
  made.push(...others);
  return made.toString();
}

/** The least that a column is narrowed to: short words and a few digits. */
const NARROWEST = 8;

/** The rows, whose widest columns are broken until they fit the output. */
function fit(rows: readonly (readonly string[])[]): string[][] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.flatMap((row) => row[i]!.split("\n").map(columnsOf))));
  // Beside the cells stand their borders and the space around them.
  const over = widths.reduce((sum, width) => sum + width + 3, 1) - room();
  for (let left = over; left > 0; left--) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.lastIndexOf(widest)]!--;
  }
  const broken = (cell: string, width: number) =>
    cell.split("\n").flatMap((line) => (columnsOf(line) <= width ? [line] : wrap(line, width, { within: true })));
  return rows.map((row) => row.map((cell, i) => broken(cell, widths[i]!).join("\n")));
}

/** Names and values, one pair to a row, a list line by line; a pair whose value is undefined is left out. */
export function facts(pairs: Record<string, string | number | readonly string[] | undefined>): string {
  const rows = Object.entries(pairs).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const lines = typeof value === "object" ? value : [String(value)];
    return [[pc.dim(name), lines.map(printable).join("\n")]];
  });
  const made = new Table(PLAIN);
  made.push(...fit(rows));
  return made.toString();
}

/** What the column # of records says. */
export const PLACES = pc.dim(
  "#: the place in the patient's history, dummies of batches counted; none or 0 while it waits.",
);

export const done = (text: string): string => `${pc.green("✔")} ${pc.bold(printable(text))}`;
export const failed = (text: string): string => `${pc.red("✘")} ${pc.bold(printable(text))}`;
export const caution = (text: string): string => `${pc.yellow("!")} ${printable(text)}`;
/** What the same person does next: its commands name the home that this step was given. */
export const next = (text: string): string => `${pc.dim("Next:")} ${inOwnHome(text)}`;
/** What somebody else does next. */
export const nextOfOthers = (text: string): string => `${pc.dim("Next:")} ${inTheirHome(text)}`;

/** A report without what comes next. */
export const withoutNext = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !/^Next:/.test(stripVTControlCharacters(line)))
    .join("\n");

/** The beginning of a digest or a CID: enough to tell it from the others, and to name a record with. */
export const short = (text: string): string => (text.length <= 14 ? text : `${text.slice(0, 14)}…`);

/** Broken into lines that fit beside a name on 80 columns. */
export const wrapped = (text: string): string[] => wrap(text, 58, { within: true });

/** A time in seconds since 1970, in UTC, to the minute; "no end" for 0. */
export const time = (seconds: number): string =>
  seconds === 0 ? "no end" : `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The day of a time in seconds since 1970, in UTC; "no end" for 0. */
export const day = (seconds: number): string => time(seconds).replace(/ \d\d:\d\d UTC$/, "");

export const bytes = (size: number): string => {
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 / 1024).toFixed(1)} MiB`;
};

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
export const gas = (amount: number): string => amount.toLocaleString("en");
