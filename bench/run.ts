import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { inputsOf } from "../tools/evidence/reports.mjs";
import { CASES } from "./cases.js";
import type { Report } from "./lib/case.js";
import { readGas } from "./lib/gas.js";
import { currentLoad, thisMachine } from "./lib/machine.js";
import { judge, type CaseResult } from "./lib/results.js";
import { buildPrograms, runProgram } from "./lib/run-program.js";
import { tables, type Results } from "./lib/tables.js";

const HELP = `Measures what ChartChain promises, against raw limits and plain alternatives: npm run bench [-- flags]

  --case NAME   only this case; may be given several times:
                ${CASES.map(({ name }) => name).join(", ")}
  --quick       small inputs, few repetitions: to try it out, not to judge by
  --json FILE   also write the results as JSON
  --help        this text

A run of everything replaces bench/results.json and the tables of bench/README.md; --case and --quick leave both alone.`;

const MARKERS = /(?<=<!-- results -->\n)[^]*(?=<!-- end of results -->)/;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      case: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const unknown = values.case?.filter((name) => !CASES.some((each) => each.name === name)) ?? [];
  if (unknown.length > 0) {
    console.error(`There is no case ${unknown.join(", ")}; there are ${CASES.map(({ name }) => name).join(", ")}.`);
    return 1;
  }

  const loadAtStart = currentLoad();
  if (loadAtStart > availableParallelism()) {
    console.error(
      `This machine is busy (load ${loadAtStart}): ratios spread widely now. Better measure when it is idle.`,
    );
  }
  const cases = await measure(values.case, values.quick);
  const results: Results = {
    machine: thisMachine(loadAtStart),
    cases,
    gas: values.case === undefined ? await readGas() : [],
  };
  console.log(`\n${tables(results)}`);
  const json = `${JSON.stringify({ of: inputsOf("bench"), ...results }, null, 2)}\n`;
  if (values.json !== undefined) await writeFile(values.json, json);
  if (values.case === undefined && !values.quick) await commitTo(import.meta.dirname, results, json);
  return 0;
}

async function measure(names: readonly string[] | undefined, quick: boolean): Promise<CaseResult[]> {
  const chosen = CASES.filter(({ name }) => names?.includes(name) ?? true);
  if (chosen.some(({ runtime }) => runtime === "built")) buildPrograms();
  const results: CaseResult[] = [];
  for (const each of chosen) {
    const started = performance.now();
    const reports: Report[] = [];
    for (let i = 0; i < (quick ? 1 : each.processes); i++) {
      reports.push(await runProgram(each, quick ? each.quickInput : each.input));
    }
    results.push(judge(each, reports));
    console.error(`${each.name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  return results;
}

async function commitTo(folder: string, results: Results, json: string): Promise<void> {
  await writeFile(join(folder, "results.json"), json);
  const readme = join(folder, "README.md");
  const text = await readFile(readme, "utf8");
  await writeFile(
    readme,
    text.replace(MARKERS, () => `\n${tables(results)}\n\n`),
  );
}

process.exitCode = await main();
