import { stat } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";

import { createDevnet, relate, throughJson } from "../../devnet/published.js";
import { given, report } from "../lib/child.js";
import { processorTime, timed } from "../lib/timing.js";
import { bundlesOf } from "../linkage/stage.js";
import { importFhirFile } from "../../src/sdk/node/index.js";

const SYNTHEA =
  env["CHARTCHAIN_SYNTHEA"] ?? join(import.meta.dirname, "..", "..", "..", "shared", "data", "fhir", "synthea");

/** Rates are given for a chart of so many records. */
const CHART = 146;

const { repetitions } = given<{ repetitions: number }>();
const [largest] = await largestFirst(await bundlesOf(SYNTHEA, Infinity));
if (largest === undefined)
  report({ skipped: "no Synthea bundles lie beside the project, and CHARTCHAIN_SYNTHEA names none" });
else await measure(largest);

async function measure(path: string): Promise<void> {
  const devnet = await createDevnet();
  try {
    const hospital = await devnet.institution("General Hospital");
    const samples = { chart: [], processor: [], import: [], deliver: [], take: [], open: [], records: [] };
    const add = (name: keyof typeof samples, value: number) => void (samples[name] as number[]).push(value);
    // The first one loads what the others find loaded.
    for (let i = 0; i <= repetitions; i++) {
      const patient = await devnet.patient(`patient ${i}`);
      await relate(hospital, patient);
      const steps: Record<string, number> = {};
      let count = 0;
      const processor = await processorTime(async () => {
        steps["import"] = await timed(async () => {
          count = (await importFhirFile(hospital.client, { patient: patient.id, path })).records.length;
        });
        let file: unknown;
        steps["deliver"] = await timed(async () => {
          file = throughJson(await hospital.client.deliver({ patient: patient.id, viewer: patient.id }));
        });
        steps["take"] = await timed(() => patient.client.takeDelivery({ file }));
        steps["open"] = await timed(async () => {
          const records = await patient.client.listRecords({ patient: patient.id });
          if (records.length !== count) throw new Error(`${records.length} records came instead of ${count}`);
          for (const { digest } of records) await patient.client.openRecord({ digest });
        });
      });
      if (i === 0) continue;
      const scale = CHART / count / 1_000;
      for (const step of ["import", "deliver", "take", "open"] as const) add(step, scale * steps[step]!);
      add("chart", scale * Object.values(steps).reduce((sum, each) => sum + each, 0));
      add("processor", scale * processor);
      add("records", count);
    }
    report({ samples });
  } finally {
    await devnet.close();
  }
}

async function largestFirst(paths: readonly string[]): Promise<string[]> {
  const sized = await Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
  return sized.sort((a, b) => b.size - a.size).map(({ path }) => path);
}
