import { randomBytes } from "node:crypto";

import { createDevnet, relate, type Actor } from "../../devnet/published.js";
import { CATEGORIES } from "../../src/sdk/index.js";
import { given, report } from "../lib/child.js";
import { processorTime, timed } from "../lib/timing.js";

const RECORD_BYTES = 4_096;

/** Ordinary categories, as a nightly import has them. */
const KINDS = CATEGORIES.slice(0, 5);

const { patients, records } = given<{ patients: number; records: number }>();
const devnet = await createDevnet();
try {
  const hospital = await devnet.institution("General Hospital");
  const people: Actor[] = [];
  for (let i = 0; i < patients; i++) {
    const patient = await devnet.patient(`patient ${i}`);
    await relate(hospital, patient);
    people.push(patient);
  }
  let [sealing, anchoring] = [0, 0];
  const processor = await processorTime(async () => {
    sealing = await timed(async () => {
      for (const { id } of people) {
        await hospital.client.addRecords({
          patient: id,
          records: Array.from({ length: records }, (_, i) => ({
            category: KINDS[i % KINDS.length]!,
            content: randomBytes(RECORD_BYTES),
            mediaType: "application/octet-stream",
          })),
          spread: 0,
        });
      }
    });
    anchoring = await timed(async () => {
      const { anchored, refused, waiting } = await hospital.client.anchorWaiting();
      const done = anchored.reduce((sum, each) => sum + each.records.length, 0);
      if (refused.length + waiting > 0 || done !== patients * records) throw new Error(`${done} records were anchored`);
    });
  });
  const all = patients * records;
  report({
    samples: {
      rate: [(1_000 * all) / (sealing + anchoring)],
      processorRate: [(1_000 * all) / processor],
      sealing: [(1_000 * all) / sealing],
      anchoring: [(1_000 * all) / anchoring],
      records: [all],
      patients: [patients],
    },
  });
} finally {
  await devnet.close();
}
