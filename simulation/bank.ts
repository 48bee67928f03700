import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import { drawBank, tokens } from "./lib/draw.js";
import type { Scenario } from "./lib/population.js";
import { priceCurve } from "./lib/price.js";
import { simulate, type Options, type Outcome } from "./lib/simulate.js";

const HELP = `Plays years of the Data Bank through the contract: npm run simulate:bank [-- flags]

  --patients N   real patients (10000)
  --years N      (5)
  --seed N       the same seed gives the same people and the same figures (1)
  --fakes N      identities that a colluding clinic makes up (1000)
  --sample N     how many real patients and fakes also claim on chain, to compare with (40)
  --svg FILE     where the picture goes (docs/pictures/data-bank.svg for the figures above, nowhere for others)
  --help         this text`;

const ROOT = join(import.meta.dirname, "..");
const PICTURE = join(ROOT, "docs", "pictures", "data-bank.svg");
const STEWARDS = 20;

function readCount(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`--${name} takes a whole number of 1 to ${most}, not "${text}"`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      patients: { type: "string", default: "10000" },
      years: { type: "string", default: "5" },
      seed: { type: "string", default: "1" },
      fakes: { type: "string", default: "1000" },
      sample: { type: "string", default: "40" },
      svg: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const options: Options = {
    patients: readCount("patients", values.patients, 1_000_000),
    years: readCount("years", values.years, 20),
    seed: readCount("seed", values.seed, 2 ** 31),
    sample: readCount("sample", values.sample, 1_000),
    stewards: STEWARDS,
  };
  const fakes = readCount("fakes", values.fakes, 100_000);
  // After two years, or half-way through fewer than four.
  const foundIn = Math.min(24, options.years * 6);
  const scenarios: Scenario[] = [
    { name: "nobody cheats", fakes: 0 },
    { name: "fakes, never found", fakes },
    { name: `fakes, found in season ${foundIn}`, fakes, foundIn },
  ];
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) outcomes.push(await simulate(scenario, options, progressOf(scenario.name)));
  const prices = await priceCurve();

  print(outcomes);
  const usual = process.argv.length === 2;
  const svg = values.svg ?? (usual ? PICTURE : undefined);
  if (svg !== undefined) {
    await mkdir(dirname(svg), { recursive: true });
    await writeFile(svg, drawBank(outcomes, prices, options.years));
    console.log(`\nThe picture: ${svg}`);
  }
  return 0;
}

function progressOf(name: string): (done: number, all: number) => void {
  return (done, all) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: season ${done} of ${all}${done === all ? "\n" : ""}`);
    else if (done === all) process.stderr.write(`${name}: ${all} seasons\n`);
  };
}

const show = (amount: bigint): string => Math.round(tokens(amount)).toLocaleString("en-US");

function print(outcomes: readonly Outcome[]): void {
  const rows: Record<string, Record<string, string>> = {};
  for (const { scenario, ...outcome } of outcomes) {
    const last = outcome.seasons.at(-1)!;
    const sorted = [...outcome.rewards].sort((a, b) => (a < b ? -1 : 1));
    const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))]!;
    rows[scenario.name] = {
      "credited, CHART": show(last.vested + last.vesting),
      "of that vested": show(last.vested),
      "the schedule's limit": show(outcome.seasons.reduce((sum, { emission }) => sum + emission, 0n)),
      "most deposits in a season": Math.max(...outcome.seasons.map(({ deposits }) => deposits)).toLocaleString("en-US"),
      "a patient, median": show(at(0.5)),
      "a patient, lowest tenth up to": show(at(0.1)),
      "a patient, highest tenth from": show(at(0.9)),
      "fakes together": show(outcome.fakes),
      "their bound": scenario.fakes === 0 ? "0" : show(outcome.bound),
      "deposits struck": outcome.struck.toLocaleString("en-US"),
      "clawed back": show(outcome.clawedBack),
      "the clinic's bond lost, ether": (Number(outcome.slashed / 10n ** 12n) / 1e6).toString(),
      "claims compared with the contract": outcome.compared.toLocaleString("en-US"),
    };
  }
  const names = Object.keys(rows);
  const what = Object.keys(rows[names[0]!]!);
  const first = Math.max(...what.map((text) => text.length));
  const widths = names.map((name) => Math.max(name.length, ...what.map((text) => rows[name]![text]!.length)));
  console.log(`\n${"".padEnd(first)}  ${names.map((name, i) => name.padStart(widths[i]!)).join("  ")}`);
  for (const text of what) {
    console.log(`${text.padEnd(first)}  ${names.map((name, i) => rows[name]![text]!.padStart(widths[i]!)).join("  ")}`);
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`✘ ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
