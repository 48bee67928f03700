import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process, { env } from "node:process";
import { parseArgs } from "node:util";

import { CATEGORIES } from "chartchain";
import { type Actor, createDevnet, type Devnet, relate } from "chartchain/devnet";

import { currentLoad, thisMachine } from "../../../bench/lib/machine.js";
import { inputsOf } from "../../../tools/evidence/reports.mjs";
import { openStore, type Place } from "../src/store/index.js";
import { PROGRAMS, startPostgres } from "../test/store/postgres.js";
import { serve, type Served, setUp, signIn } from "../test/stage.js";
import { decisions } from "./decisions.js";
import { flatOut, LoadClient, quantile, steadily } from "./load.js";
import { type Chart, fill, mixOf, startNodeApart, startPlain } from "./stage.js";

const HELP = `Holds a gatekeeper against the same store without consent and entries, on PGlite and on PostgreSQL where it is installed:
npm run bench:gatekeeper [-- flags]

  --quick       seconds instead of minutes, few rounds: to try it out, not to judge by; writes no report
  --out FILE    where the report goes (apps/gatekeeper/bench/results.json)
  --help        this text`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    out: { type: "string", default: join(import.meta.dirname, "results.json") },
    help: { type: "boolean", default: false },
  },
});

/** Where real charts lie; made-up ones are taken where there are none. */
const SYNTHEA =
  env["CHARTCHAIN_SYNTHEA"] ?? join(import.meta.dirname, "..", "..", "..", "..", "shared", "data", "fhir", "synthea");
const PATIENTS = 10;
const CONNECTIONS = 16;
const HOUR = 3_600;
const { rounds, seconds, steadySeconds, changes } = values.quick
  ? { rounds: 2, seconds: 4, steadySeconds: 10, changes: 5 }
  : { rounds: 5, seconds: 20, steadySeconds: 300, changes: 100 };
/** How many requests a second are let come in steadily. */
const STEADY = 50;

/** A figure, and what it has to hold. */
interface Figure {
  name: string;
  value: number;
  unit: string;
  atLeast?: number;
  atMost?: number;
  met?: boolean;
}

const figures: Figure[] = [];
function figure(name: string, value: number, unit: string, bar: { atLeast?: number; atMost?: number } = {}): void {
  const { atLeast = -Infinity, atMost = Infinity } = bar;
  const isJudged = bar.atLeast !== undefined || bar.atMost !== undefined;
  const met = value >= atLeast && value <= atMost;
  const rounded = Number(value.toPrecision(4));
  figures.push({ name, value: rounded, unit, ...bar, ...(isJudged ? { met } : {}) });
  const against =
    bar.atLeast !== undefined ? `at least ${atLeast}` : bar.atMost !== undefined ? `at most ${atMost}` : "";
  console.log(`${name}: ${rounded} ${unit}${isJudged ? `, ${against}: ${met ? "met" : "MISSED"}` : ""}`);
}

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const machine = thisMachine(currentLoad());
  const files = filesOf(SYNTHEA).slice(0, PATIENTS);
  console.log(`${PATIENTS} charts, ${files.length} of them of Synthea`);
  await over("PGlite", files, async () => ({
    place: (data) => ({ folder: join(data, "fhir") }),
    close: async () => undefined,
  }));
  if (PROGRAMS === undefined) console.log("PostgreSQL isn't installed: it wasn't measured.");
  else {
    await over("PostgreSQL", files, async () => {
      const server = await startPostgres();
      const url = await server.database();
      return { place: () => ({ url }), close: () => server.stop() };
    });
  }
  if (values.quick) return;
  const report = {
    of: inputsOf("gatekeeper"),
    machine: { ...machine, loadAtEnd: currentLoad() },
    made: { patients: PATIENTS, synthea: files.length, rounds, seconds, steadySeconds, connections: CONNECTIONS },
    figures,
  };
  writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
  console.log(values.out);
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

interface Backend {
  place: (data: string) => Place;
  close: () => Promise<void>;
}

/** Everything over one kind of database. */
async function over(name: string, files: readonly string[], open: () => Promise<Backend>): Promise<void> {
  const world = await createDevnet(startNodeApart);
  const backend = await open();
  const folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-bench-"));
  try {
    const hospital = await world.institution("General Hospital");
    const clinic = await world.institution("City Clinic");
    const patients: Actor[] = [];
    for (let at = 0; at < PATIENTS; at++) {
      patients.push(await world.patient(`patient ${at}`));
      await relate(hospital, patients[at]!);
    }
    const stage = await stageOf(world, hospital, clinic, patients, backend, folder, files);
    if (name === "PGlite") await measureDecisions(world, hospital, stage);
    const { config, data } = setUp(world, hospital, folder, { perMinute: 1_000_000, ...stage.settings });
    await compare(name, hospital, clinic, { ...stage, config, data });
    await follow(name, world, hospital, clinic, patients, { ...stage, config, data });
  } catch (error) {
    // Before what is closed now makes errors of its own.
    console.error(error);
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await backend.close();
    await world.close();
  }
}

interface Stage {
  charts: Chart[];
  place: Place;
  viewers: number[];
  settings: { databaseUrlFile?: string };
}

/** Each patient grants the clinic everything: both servers answer the same. */
async function stageOf(
  world: Devnet,
  hospital: Actor,
  clinic: Actor,
  patients: readonly Actor[],
  backend: Backend,
  folder: string,
  files: readonly string[],
): Promise<Stage> {
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  const place = backend.place(data);
  const until = (await world.now()) + 24 * HOUR;
  for (const { client } of patients)
    await client.grantAccess({
      viewer: clinic.id,
      steward: hospital.id,
      categories: CATEGORIES,
      purpose: "TREAT",
      until,
    });
  const store = await openStore(place, { pageKey: new Uint8Array(32) });
  const charts = await fill(
    store,
    patients.map(({ id }) => id),
    files,
  );
  await store.close();
  if (!("url" in place)) return { charts, place, viewers: [clinic.id], settings: {} };
  writeFileSync(join(folder, "database-url"), place.url, { mode: 0o600 });
  return { charts, place, viewers: [clinic.id], settings: { databaseUrlFile: "database-url" } };
}

async function measureDecisions(world: Devnet, hospital: Actor, { charts, viewers }: Stage): Promise<void> {
  const kinds = async () =>
    charts.flatMap(({ patient }) => CATEGORIES.map((category) => ({ patient, category, confidential: false })));
  const { fromIndex, confirmed } = await decisions(world, hospital, { viewers, kinds, seconds });
  figure("decisions by the index alone", fromIndex, "/s", { atLeast: 5_000 });
  figure("decisions with the node's confirmation", confirmed, "/s", { atLeast: 200 });
}

type Started = Stage & { config: string; data: string };

/** The two take turns: what else the machine does hits both. */
async function compare(name: string, hospital: Actor, clinic: Actor, stage: Started): Promise<void> {
  const kinds = ["mix", "read", "search", "everything"] as const;
  const ratios = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    const rates: Record<string, number[]> = {};
    for (const which of ["plain", "gatekeeper"] as const) {
      const server = await start(which, hospital, stage);
      const client = new LoadClient(server.url, await server.token(clinic), CONNECTIONS);
      for (const kind of kinds) {
        const paths = mixOf(stage.charts, kind);
        await flatOut(client, paths, seconds / 8, CONNECTIONS);
        (rates[kind] ??= []).push((await flatOut(client, paths, seconds / 2, CONNECTIONS)).perSecond);
      }
      client.close();
      await server.close();
    }
    for (const kind of kinds) ratios.get(kind)!.push(rates[kind]![1]! / rates[kind]![0]!);
  }
  for (const kind of kinds) {
    const bar = kind === "mix" ? { atLeast: 40 } : {};
    figure(
      `${name}: a clinic's ${kind}, of what the plain store answers`,
      100 * quantile(ratios.get(kind)!, 0.5),
      "%",
      bar,
    );
  }
}

interface Running {
  url: string;
  token: (of: Actor) => Promise<string>;
  close: () => Promise<unknown>;
  served?: Served;
}

async function start(which: "plain" | "gatekeeper", hospital: Actor, stage: Started): Promise<Running> {
  if (which === "plain") return { ...(await startPlain(stage.place)), token: async () => "none" };
  const served = await serve(hospital.passphrase, stage.config);
  return { url: served.url, token: (of) => signIn(served.url, of), close: () => served.stop(), served };
}

/** A steady load, its memory, and how soon a change on chain is felt. */
async function follow(
  name: string,
  world: Devnet,
  hospital: Actor,
  clinic: Actor,
  patients: readonly Actor[],
  stage: Started,
): Promise<void> {
  const server = await start("gatekeeper", hospital, stage);
  const client = new LoadClient(server.url, await server.token(clinic), 64);
  const paths = mixOf(stage.charts);
  await flatOut(client, paths, seconds / 2, CONNECTIONS);
  const resident = [memoryOf(server.served!)];
  const times: number[] = [];
  for (let part = 0; part < 5; part++) {
    const asked = await steadily(client, paths, STEADY, steadySeconds / 5);
    times.push(...asked.map(({ milliseconds }) => milliseconds));
    resident.push(memoryOf(server.served!));
  }
  figure(`${name}: 99 % of ${STEADY} requests a second within`, quantile(times, 0.99), "ms", { atMost: 100 });
  figure(`${name}: half of them within`, quantile(times, 0.5), "ms");
  figure(`${name}: resident memory behind that, of before`, (100 * resident.at(-1)!) / resident[0]!, "%", {
    atMost: 115,
  });

  const [granted, revoked]: number[][] = [[], []];
  const chart = stage.charts[0]!;
  const path = `/fhir/${chart.observations[0]}`;
  const alice = patients[0]!;
  for (let at = 0; at < changes; at++) {
    await alice.client.revokeAccess({ viewer: clinic.id });
    revoked!.push(await until(client, path, 404));
    const input = { viewer: clinic.id, steward: hospital.id, purpose: "TREAT" } as const;
    await alice.client.grantAccess({ ...input, categories: ["OBSERVATION"], until: (await world.now()) + 24 * HOUR });
    granted!.push(await until(client, path, 200));
  }
  // Each change is a block of its own: there is no block to wait for.
  figure(`${name}: from a grant that is mined to the answer, 99 %`, quantile(granted!, 0.99), "ms", { atMost: 2_000 });
  figure(`${name}: from a revocation that is mined to the last byte, 99 %`, quantile(revoked!, 0.99), "ms", {
    atMost: 2_000,
  });
  client.close();
  await server.close();
}

/** How long it takes until something is answered so. */
async function until(client: LoadClient, path: string, status: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const asked = await client.ask(path);
    if (asked.status === status) return performance.now() - begun;
    if (performance.now() - begun > 60_000) throw new Error(`${path} is still ${asked.status} after a minute`);
  }
}

/** MiB that a service takes. */
function memoryOf({ process: { pid } }: Served): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}

process.exitCode ??= 0;
