import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { createDevnet } from "../../devnet/published.js";
import { currentLoad, thisMachine } from "../lib/machine.js";
import { startImporter } from "./import-process.js";
import { chartsOf, stageImport, steward } from "./stage.js";

const HELP = `Kills an import at random moments and compares what comes of it with one that wasn't killed; and holds the memory of
an import against that of a tenth of it: npm run bench:import [-- flags]

  --people N    whose charts are filled (50)
  --each N      encounters of each, with one Observation: a record (199)
  --kills N     by SIGKILL (20)
  --out FILE    where the report goes (bench/imports/results.json)
  --help        this text`;

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "50" },
    each: { type: "string", default: "199" },
    kills: { type: "string", default: "20" },
    out: { type: "string", default: join(import.meta.dirname, "results.json") },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const [people, each, wanted] = [Number(values.people), Number(values.each), Number(values.kills)];
  const machine = thisMachine(currentLoad());
  await using devnet = await createDevnet();
  const large = await stageImport(devnet, people, each);
  const small = await stageImport(devnet, Math.max(1, Math.round(people / 10)), each);
  const whole = await steward(devnet, "General Hospital", large.patients);
  const killed = await steward(devnet, "City Hospital", large.patients);
  const tenth = await steward(devnet, "Village Hospital", small.patients);
  for (const { vault } of [whole, killed, tenth]) vault.close();
  console.log(`${people} people, an export of ${large.records} records`);

  const few = await startImporter().finish(devnet, tenth, small.path);
  console.log(`${few.added} records in ${few.seconds.toFixed(1)} s, ${few.peak.toFixed(0)} MiB at the most`);
  const all = await startImporter().finish(devnet, whole, large.path);
  console.log(`${all.added} records in ${all.seconds.toFixed(1)} s, ${all.peak.toFixed(0)} MiB at the most`);

  // So that kills fall into all parts of it: one that ends before is begun anew, to be killed earlier.
  let within = (all.seconds * 1000) / 6;
  let next = startImporter();
  const kills: number[] = [];
  while (kills.length < wanted) {
    const importer = next;
    next = startImporter();
    const after = Math.random() * within;
    if (await importer.kill(devnet, killed, large.path, after)) {
      kills.push(Math.round(after));
      console.log(`killed ${kills.length} of ${wanted}, after ${(after / 1000).toFixed(1)} s`);
    } else within /= 2;
  }
  const rest = await next.finish(devnet, killed, large.path);
  for (const actor of [whole, killed]) await devnet.reopen(actor);
  const [expected, found] = [await chartsOf(whole, large.patients), await chartsOf(killed, large.patients)];
  const isEqual = expected.length === large.records && JSON.stringify(expected) === JSON.stringify(found);
  const report = {
    machine: { ...machine, loadAtEnd: currentLoad(), cores: availableParallelism() },
    people,
    records: large.records,
    whole: { seconds: round(all.seconds), perSecond: round(all.added / all.seconds), peakMiB: round(all.peak) },
    tenth: { records: few.added, seconds: round(few.seconds), peakMiB: round(few.peak) },
    peakOfWholeToTenth: round(all.peak / few.peak),
    killedAfterMs: kills,
    addedByTheLast: rest.added,
    equal: isEqual,
  };
  await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`${isEqual ? "Equal" : "NOT EQUAL"} after ${kills.length} kills; ${values.out}`);
  if (!isEqual) process.exitCode = 1;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
