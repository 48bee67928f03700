import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Node } from "chartchain/devnet";
import { readFhirJson } from "chartchain/fhir";

import type { Place, Store } from "../src/store/index.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A node in a process of its own: what it does isn't counted as the load's. */
export async function startNodeApart(): Promise<Node> {
  const child = fork(here("../../../bench/lib/node-child.ts"), { execArgv: ["--import", "tsx"] });
  const [url] = (await once(child, "message")) as [string];
  return { url, close: () => ended(child, () => child.disconnect()) };
}

/** The same store behind the same routes, without consent and entries. */
export async function startPlain(place: Place): Promise<{ url: string; close: () => Promise<void> }> {
  const child = spawn(process.execPath, ["--import", "tsx", here("plain.ts"), JSON.stringify(place)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString("utf8")) as { url: string };
  return { url, close: () => ended(child, () => child.stdin.end()) };
}

async function ended(child: ChildProcess, end: () => unknown): Promise<void> {
  const gone = once(child, "exit");
  end();
  await gone;
}

/** What lies in the store of one patient, by type. */
export interface Chart {
  patient: number;
  /** Of the Patient resource. */
  id: string;
  /** Names of resources that a clinic with OBSERVATION sees: `Observation/7`. */
  observations: string[];
  /** Codes of them, each once. */
  codes: string[];
}

/** Takes charts into a store: real ones where there are any, one for each patient. */
export async function fill(store: Store, patients: readonly number[], files: readonly string[]): Promise<Chart[]> {
  const charts: Chart[] = [];
  for (const [at, patient] of patients.entries()) {
    const file = files[at];
    const json = file === undefined ? madeUp(patient) : readFileSync(file, "utf8");
    const entries = readFhirJson(json, "bundle").entries;
    await store.put(patient, { file: "bundle", entries, patient: { reference: "Patient", names: [] } });
    const resources = entries.map(({ resource }) => resource);
    const observations = resources.filter((each) => each.resourceType === "Observation");
    charts.push({
      patient,
      id: resources.find((each) => each.resourceType === "Patient")!.id!,
      observations: observations.map(({ id }) => `Observation/${id}`),
      codes: [...new Set(observations.flatMap(({ code }) => code.coding?.[0]?.code ?? []))],
    });
  }
  return charts;
}

/** A chart of measurements, where there is no real one. */
function madeUp(patient: number): string {
  const subject = { reference: `Patient/p${patient}` };
  const observations = Array.from({ length: 200 }, (_, at) => ({
    ...{ resourceType: "Observation", id: `o${patient}-${at}`, status: "final", subject },
    code: { coding: [{ system: "http://loinc.org", code: ["29463-7", "8302-2", "8867-4", "8310-5"][at % 4] }] },
    ...{
      effectiveDateTime: `2025-${String(1 + (at % 12)).padStart(2, "0")}-11`,
      valueQuantity: { value: at, unit: "1" },
    },
  }));
  const people = [{ resourceType: "Patient", id: `p${patient}`, birthDate: "1961-04-17" }];
  const entry = [...people, ...observations].map((resource) => ({ resource }));
  return JSON.stringify({ resourceType: "Bundle", type: "collection", entry });
}

/** Paths in the mix of 70 % reads, 20 % searches and 10 % `$everything`, the same for the same seed. */
export function mixOf(charts: readonly Chart[], only: "mix" | "read" | "search" | "everything" = "mix"): () => string {
  let state = 1;
  const random = () => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) / 2_147_483_647;
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  return () => {
    const kind = only === "mix" ? random() : { read: 0, search: 0.75, everything: 0.95 }[only];
    const chart = pick(charts);
    if (kind < 0.7) return `/fhir/${pick(chart.observations)}`;
    if (kind < 0.9)
      return `/fhir/Observation?code=${pick(chart.codes)}&patient=Patient/${chart.id}&_sort=-date&_count=20`;
    return `/fhir/Patient/${chart.id}/$everything?_count=50`;
  };
}
