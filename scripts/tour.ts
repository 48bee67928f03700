import "./lib/quiet.js";

import pc from "picocolors";

import { isChartChainError } from "../src/errors/index.js";
import { anyText, file } from "./lib/flag-kinds.js";
import { optional, readFlags, toggle } from "./lib/flags.js";
import { printable } from "./lib/printable.js";
import { BAD_USAGE } from "./lib/usage.js";
import { readInput } from "./tour/input.js";
import { TourPrinter } from "./tour/print.js";
import { requireWritable, writeReport } from "./tour/report-file.js";

const HELP = `The whole workflow on a local chain: npm start [-- flags]

  --input FILE|DIR  a FHIR R4 Bundle or resource, or a folder of them
                    (default: HL7's International Patient Summary examples)
  --skip-bad        go on without the files of a folder that can't be used
  --json FILE       also write the report as JSON
  --help            this text

Exits with 0 when every check holds, with 1 when one fails or the input can't be used, with 2 when a flag is wrong.`;

async function main(args: readonly string[]): Promise<number> {
  const started = performance.now();
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const flags = readFlags(
    {
      input: optional(anyText("FILE|DIR"), "what to run on"),
      "skip-bad": toggle("go on without bad files"),
      json: optional(file, "where to write the report"),
    },
    args,
  );
  if (flags.json !== undefined) await requireWritable(flags.json);
  const input = await readInput(flags.input, flags["skip-bad"]);
  const printer = new TourPrinter();
  printer.begin(input);
  // Hardhat takes its time to load: whoever gave an input that can't be used was told before.
  const { runTour } = await import("./tour/run.js");
  const result = await runTour(input, printer);
  printer.end(result, (performance.now() - started) / 1000);
  if (flags.json !== undefined) await writeReport(flags.json, result.report);
  return Object.values(result.report.checks).every(Boolean) ? 0 : 1;
}

// Not the default end, so that what the tour leaves on disk is removed.
process.on("SIGHUP", () => process.exit(129));
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!isChartChainError(error)) {
    console.error(pc.red(`✘ ${error instanceof Error ? error.message : String(error)}`));
    if (process.env["CHARTCHAIN_DEBUG"] === "1") console.error(error);
    return 1;
  }
  const [what = "", ...more] = error.message.split("\n").map(printable);
  console.error(`${pc.red(`✘ ${what}`)} ${pc.dim(`[${error.code}]`)}`);
  for (const line of more) console.error(`  ${line}`);
  if (error.hint !== undefined) console.error(`  ${error.hint}`);
  if (process.env["CHARTCHAIN_DEBUG"] === "1") console.error(error);
  return error.code === BAD_USAGE ? 2 : 1;
});
