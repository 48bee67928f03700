/** Line coverage out of an LCOV file, and a verdict against a bound. */
import { textOf } from "../setup/project.mjs";

/**
 * @typedef {{ file: string, lines: number, missed: number[] }} Covered
 */

/**
 * Reads which lines ran (`DA:line,count` below `SF:file`, as geninfo's manual defines them).
 *
 * @param {string} path from the root.
 * @param {RegExp} [only] files that count.
 * @returns {Covered[]} one entry per file; none when there is no LCOV file.
 */
export function readLcov(path, only = /./) {
  /** @type {Covered[]} */
  const files = [];
  for (const line of (textOf(path) ?? "").split("\n")) {
    const [, field, value] = /^(SF|DA):(.*)$/.exec(line) ?? [];
    if (field === "SF") files.push({ file: value.replaceAll("\\", "/"), lines: 0, missed: [] });
    if (field !== "DA") continue;
    const [number, count] = value.split(",").map(Number);
    const file = files.at(-1);
    file.lines++;
    if (count === 0) file.missed.push(number);
  }
  return files.filter(({ file, lines }) => lines > 0 && only.test(file));
}

/**
 * Holds coverage against a bound and prints which lines are missing.
 *
 * @param {Covered[]} files
 * @param {number} bound percent of all lines together.
 * @returns {{ ok: boolean, text: string }}
 */
export function judge(files, bound) {
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const missed = files.reduce((sum, file) => sum + file.missed.length, 0);
  const percent = lines === 0 ? 0 : (100 * (lines - missed)) / lines;
  const ok = lines > 0 && percent >= bound;
  if (!ok) {
    const worst = files.filter((file) => file.missed.length > 0).sort((a, b) => b.missed.length - a.missed.length);
    for (const { file, lines: all, missed: gone } of worst.slice(0, SHOWN)) {
      console.log(`  ${file}: ${gone.length} of ${all} lines never ran: ${ranges(gone)}`);
    }
    if (worst.length > SHOWN) console.log(`  … and ${worst.length - SHOWN} more files`);
  }
  // Cut, not rounded: 99.996 is not 100.
  const shown = Math.floor(percent * 100) / 100;
  return { ok, text: `${shown} % of ${lines} lines in ${files.length} files ran; at least ${bound} % must` };
}

const SHOWN = 25;

/** `[1, 2, 3, 7]` as `1-3, 7`. @param {number[]} numbers */
function ranges(numbers) {
  /** @type {[number, number][]} */
  const found = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(", ");
}
