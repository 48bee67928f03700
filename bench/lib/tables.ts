import type { Target } from "./case.js";
import type { GasResult } from "./gas.js";
import type { Machine } from "./machine.js";
import type { CaseResult, FigureResult } from "./results.js";

/** Everything that a run came to, as it is written to `results.json`. */
export interface Results {
  machine: Machine;
  cases: CaseResult[];
  gas: GasResult[];
}

/** The results in Markdown, which also reads well on a terminal. */
export function tables({ machine, cases, gas }: Results): string {
  const { platform, cores, memoryGiB, node, load } = machine;
  const parts = [
    `Measured on ${platform} with ${cores} cores and ${memoryGiB} GiB of memory, Node ${node}. ` +
      `Load when the run began: ${load[0]}; when it ended: ${load[1]}.`,
  ];
  for (const { name, title, figures, skipped } of cases) {
    parts.push(`### ${title} (\`${name}\`)`);
    if (skipped === undefined)
      parts.push(table(["Figure", "Median", "Middle half", "All", "Target", ""], figures.map(row)));
    else parts.push(`Not measured: ${skipped}.`);
  }
  if (gas.length > 0) {
    parts.push("### Gas of each write (committed snapshot)");
    parts.push(table(["Write", "Gas", "Ceiling", ""], gas.map(gasRow)));
  }
  return parts.join("\n\n");
}

function row({ label, unit, median, lowerQuartile, upperQuartile, min, max, target, met }: FigureResult): string[] {
  const value = (number: number) => show(number, unit);
  return [
    label,
    value(median),
    `${show(lowerQuartile)} – ${value(upperQuartile)}`,
    `${show(min)} – ${value(max)}`,
    target === undefined ? "" : targetText(target, unit),
    verdict(met),
  ];
}

function gasRow({ action, gas, ceiling, met }: GasResult): string[] {
  return [action, gas.toLocaleString("en"), ceiling?.toLocaleString("en") ?? "", verdict(met)];
}

function targetText({ atLeast, atMost }: Target, unit: string): string {
  if (atLeast !== undefined && atLeast === atMost) return `= ${show(atLeast, unit)}`;
  if (atLeast !== undefined && atMost !== undefined) return `${show(atLeast)} – ${show(atMost, unit)}`;
  return atLeast === undefined ? `≤ ${show(atMost!, unit)}` : `≥ ${show(atLeast, unit)}`;
}

const verdict = (met: boolean | undefined): string => (met === undefined ? "" : met ? "✔ met" : "✘ missed");

function show(number: number, unit = ""): string {
  const digits = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
  const text = number.toLocaleString("en", { maximumFractionDigits: digits });
  return unit === "" || unit === "%" || unit === "×" || unit === "/s"
    ? `${text}${unit && ` ${unit}`}`
    : `${text} ${unit}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, 3, ...rows.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
