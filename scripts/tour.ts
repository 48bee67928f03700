import "./lib/quiet.js";

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import pc from "picocolors";

import { isChartChainError } from "../src/errors/index.js";
import { readInput } from "./tour/input.js";
import { TourPrinter } from "./tour/print.js";
import { runTour } from "./tour/run.js";

const HELP = `The whole workflow on a local chain: npm start [-- flags]

  --input FILE|DIR  a FHIR R4 Bundle or resource, or a folder of them
                    (default: HL7's International Patient Summary examples)
  --skip-bad        go on without the files of a folder that can't be used
  --json FILE       also write the report as JSON
  --help            this text

Exits with 0 when every check holds, with 1 when one fails or the input can't be used.`;

async function main(): Promise<number> {
  const started = performance.now();
  const { values } = parseArgs({
    options: {
      input: { type: "string" },
      "skip-bad": { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const input = await readInput(values.input, values["skip-bad"]);
  const printer = new TourPrinter();
  printer.begin(input);
  const result = await runTour(input, printer);
  printer.end(result, (performance.now() - started) / 1000);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result.report, null, 2)}\n`);
  return Object.values(result.report.checks).every(Boolean) ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  if (isChartChainError(error)) {
    console.error(`${pc.red(`✘ ${error.message}`)} ${pc.dim(`[${error.code}]`)}`);
    if (error.hint !== undefined) console.error(`  ${error.hint}`);
  } else {
    console.error(pc.red(`✘ ${error instanceof Error ? error.message : String(error)}`));
    if (process.env["CHARTCHAIN_DEBUG"] === "1") console.error(error);
  }
  return 1;
});
