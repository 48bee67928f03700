import { inspect } from "node:util";

import pc from "picocolors";

import { isChartChainError } from "../src/errors/index.js";
import { MAX_MIB } from "../src/cli/line/common-flags.js";
import { anyText, file } from "../src/cli/line/flag-kinds.js";
import { columns } from "../src/cli/line/help.js";
import { optional, readFlags, toggle } from "../src/cli/line/flags.js";
import { printable } from "../src/cli/terminal/printable.js";
import { isStarted, runAsProcess, type Environment, type Program, type Streams } from "../src/cli/terminal/program.js";
import { BAD_USAGE } from "../src/cli/line/usage.js";
import { fitted, widthOf } from "../src/cli/terminal/width.js";
import { readInput } from "../tour/input.js";
import { TourPrinter } from "../tour/print.js";
import { requireWritable, writeReport } from "../tour/report-file.js";

const FLAGS: readonly (readonly [string, string])[] = [
  [
    "--input FILE|DIR",
    "a FHIR R4 Bundle or resource as JSON, NDJSON (Bulk Data), or a folder of them (default: HL7's International Patient Summary examples)",
  ],
  [
    "--skip-bad",
    "go on without the files of a folder that can't be used, or that are about several patients; without it they end the run. What is about somebody and doesn't say whom (NO_PATIENT), and what is no health data, is left out and named with or without it",
  ],
  ["--max-mib MIB", "how large a JSON file, or a line of NDJSON, may be (128)"],
  ["--json FILE", "also write the report as JSON"],
  ["--help", "this text"],
];

const helpOn = (width: number): string =>
  [
    fitted("The whole workflow on a local chain: npm start [-- flags]", width),
    "",
    ...columns(FLAGS, width),
    "",
    fitted(
      "Exits with 0 when every check holds, with 1 when one fails or the input can't be used, with 2 when a flag is wrong.",
      width,
    ),
    "",
  ].join("\n");

const tour: Program = async (args, environment, streams) => {
  try {
    return await take(args, environment, streams);
  } catch (error) {
    streams.stderr.write(`${inWords(error, environment, widthOf(streams.stderr, environment))}\n`);
    return isChartChainError(error, BAD_USAGE) ? 2 : 1;
  }
};

async function take(args: readonly string[], environment: Environment, { stdout }: Streams): Promise<number> {
  const started = performance.now();
  if (args.includes("--help")) {
    stdout.write(helpOn(widthOf(stdout, environment)));
    return 0;
  }
  const flags = readFlags(
    {
      input: optional(anyText("FILE|DIR"), "what to run on"),
      "skip-bad": toggle("go on without bad files"),
      "max-mib": MAX_MIB,
      json: optional(file, "where to write the report"),
    },
    args,
    environment,
  );
  if (flags.json !== undefined) await requireWritable(flags.json);
  const input = await readInput(flags.input, { skipBad: flags["skip-bad"], maxBytes: flags["max-mib"] });
  const printer = new TourPrinter(stdout, environment);
  printer.begin(input);
  // Hardhat takes its time to load: whoever gave an input that can't be used was told before.
  const { runTour } = await import("../tour/run.js");
  const result = await runTour(input, printer);
  printer.end(result, (performance.now() - started) / 1000);
  if (flags.json !== undefined) await writeReport(flags.json, result.report);
  return Object.values(result.report.checks).every(Boolean) ? 0 : 1;
}

function inWords(error: unknown, environment: Environment, width: number): string {
  const debug = environment["CHARTCHAIN_DEBUG"] === "1" ? [inspect(error)] : [];
  if (!isChartChainError(error)) {
    const what = fitted(`✘ ${error instanceof Error ? error.message : String(error)}`, width);
    return [pc.red(what), ...debug].join("\n");
  }
  const [what = "", ...more] = error.message.split("\n").map(printable);
  const lines = [
    `${pc.red(`✘ ${what}`)} ${pc.dim(`[${error.code}]`)}`,
    ...[...more, ...(error.hint === undefined ? [] : [error.hint])].map((line) => `  ${line}`),
  ];
  return [fitted(lines.join("\n"), width), ...debug].join("\n");
}

if (isStarted(import.meta)) {
  // Not the default end, so that what the tour leaves on disk is removed.
  process.on("SIGHUP", () => process.exit(129));
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  await runAsProcess(tour);
}

export default tour;
