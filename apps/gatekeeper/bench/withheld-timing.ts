/**
 * How well the time of an answer tells what is withheld from what isn't there: the same requests, by turns, for resources of each
 * sort. Prints the ratio of the medians, and how often the slower of two is the withheld one (50 %: it tells nothing).
 *
 *   node --import tsx apps/gatekeeper/bench/withheld-timing.ts [rounds]
 */
import { argv, stdout } from "node:process";

import { CATEGORIES, readFhirJson } from "chartchain/fhir";

import { answer } from "../src/fhir/interactions.js";
import { Refusal } from "../src/http/outcome.js";
import { openStore, type Visible } from "../src/store/index.js";

const PATIENTS = 20;
const WEIGHTS = 100;
const rounds = Number(argv[2] ?? 2_000);

const store = await openStore({ folder: "memory://" }, { pageKey: new Uint8Array(32) });
const code = { coding: [{ system: "http://loinc.org", code: "29463-7" }] };
for (let patient = 1; patient <= PATIENTS; patient++) {
  const subject = { reference: `Patient/p${patient}` };
  const weights = Array.from({ length: WEIGHTS }, (_, at) => ({
    ...{ resourceType: "Observation", id: `w${patient}-${at}`, status: "final", code, subject },
  }));
  const resources = [{ resourceType: "Patient", id: `p${patient}` }, ...weights];
  const entries = resources.flatMap((resource) => readFhirJson(JSON.stringify(resource), "bench").entries);
  await store.put(patient, { file: "bench", entries, patient: { reference: subject.reference, names: [] } });
}
/** The asker sees the first patient; of the second one nothing. */
const visible: Visible = CATEGORIES.map((category) => ({ patient: 1, category, confidential: false }));

const timed = async (path: string, parameters: [string, string][] = []): Promise<number> => {
  const began = performance.now();
  await answer({ store, base: "http://localhost/fhir" }, { path, parameters }, visible).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
  });
  return performance.now() - began;
};
const REQUESTS: Record<string, (id: string) => Promise<number>> = {
  "a read": (id) => timed(`Observation/${id}`),
  "a history": (id) => timed(`Observation/${id}/_history`),
  "a search by id": (id) => timed("Observation", [["_id", id]]),
  "a search by patient": (id) => timed("Observation", [["patient", id.startsWith("w2") ? "p2" : "p999"]]),
};

stdout.write(`${rounds} pairs of each, by turns, on PGlite; ${PATIENTS} patients with ${WEIGHTS} resources\n`);
for (const [name, ask] of Object.entries(REQUESTS)) {
  const times: [withheld: number[], absent: number[]] = [[], []];
  for (let round = -50; round < rounds; round++) {
    const at = Math.abs(round) % WEIGHTS;
    // Who comes first changes by turns.
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const sort of order) {
      const time = await ask(sort === 0 ? `w2-${at}` : `x2-${at}`);
      if (round >= 0) times[sort]!.push(time);
    }
  }
  const [withheld, absent] = times.map(median) as [number, number];
  const slower = times[0].filter((time, i) => time > times[1][i]!).length / rounds;
  stdout.write(
    `${name}: withheld ${withheld.toFixed(3)} ms, absent ${absent.toFixed(3)} ms, ratio ${(withheld / absent).toFixed(2)}; the withheld one is the slower in ${(100 * slower).toFixed(0)} % of pairs\n`,
  );
}
await store.close();

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
