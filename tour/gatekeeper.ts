import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { readFhirJson, splitIntoRecords } from "../src/fhir/index.js";
import { CATEGORIES, type Category } from "../src/sdk/index.js";
import { throughJson, type Actor } from "../devnet/published.js";
import { actFor, type KeptResource, type Tour, type TourGatekeeper, type TourPatient } from "./workflow.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = [process.execPath, "--import", "tsx", join("apps", "gatekeeper", "src", "main.ts")] as const;
const PUBLIC_URL = "http://gatekeeper.teaching-hospital.example";
const HOUR = 60 * 60;

/** What was answered. */
export interface Answered {
  status: number;
  json: {
    link?: { relation: string; url: string }[];
    entry?: { resource: { resourceType: string; id: string } }[];
    [name: string]: unknown;
  };
}

/** Asks a gatekeeper as somebody. */
export type Ask = (path: string) => Promise<Answered>;

/** A gatekeeper on its way: its processes start while the tour goes on. */
export interface OpeningGatekeeper {
  ready(): Promise<TourGatekeeper>;
  stop(): Promise<void>;
}

/** A hospital with a gatekeeper takes one patient's data in. */
export async function openGatekeeper(tour: Tour): Promise<OpeningGatekeeper> {
  const { devnet, cityClinic } = tour;
  const patient = tour.patients[0]!;
  const hospital = await devnet.institution("Teaching Hospital", ["PROVIDER"]);
  tour.publicNames.push(hospital.name);
  const offer = throughJson(await hospital.client.offerRelationship({ patient: patient.id }));
  await actFor(tour, patient, {
    direct: (client) => client.acceptOffer({ offer }),
    signed: (client) => client.signAcceptOffer({ offer }),
  });
  const { kept, bundle } = keptOf(patient);
  const { listening, staffSecret, stop } = await serve(tour, hospital, patient, bundle);
  return {
    stop,
    /** Once it serves, the patient grants the clinic some categories of what is there. */
    async ready() {
      const url = await listening;
      const present = CATEGORIES.filter((category) => kept.some(({ categories }) => categories.has(category)));
      // Something is left to refuse, where there is more than one.
      const granted = present.slice(0, Math.max(1, Math.min(2, present.length - 1)));
      await grantAt(tour, { hospital, patient }, cityClinic, granted);
      return { hospital, patient, kept, granted, url, staffSecret };
    },
  };
}

/** The patient grants somebody categories of what the hospital keeps. */
export async function grantAt(
  tour: Tour,
  { hospital, patient }: Pick<TourGatekeeper, "hospital" | "patient">,
  viewer: Actor,
  categories: readonly Category[],
): Promise<void> {
  const until = (await tour.devnet.now()) + 24 * HOUR;
  const input = { viewer: viewer.id, steward: hospital.id, purpose: "TREAT", categories, until } as const;
  await actFor(tour, patient, {
    direct: (client) => client.grantAccess(input),
    signed: (client) => client.signGrantAccess(input),
  });
}

/** The resources of a patient's input that have a name, each once; of several Patients the first one. */
function keptOf({ input }: TourPatient): { kept: KeptResource[]; bundle: string } {
  const texts = new Map<string, string>();
  let hasPatient = false;
  for (const { bytes } of input.records) {
    for (const { resource, json } of readFhirJson(new TextDecoder().decode(bytes), "record").entries) {
      const { resourceType, id } = resource;
      const name = `${resourceType}/${id}`;
      if (id === undefined || texts.has(name) || (resourceType === "Patient" && hasPatient)) continue;
      hasPatient ||= resourceType === "Patient";
      texts.set(name, json);
    }
  }
  const bundle = `{"resourceType":"Bundle","type":"collection","entry":[${[...texts.values()].map((text) => `{"resource":${text}}`).join(",")}]}`;
  // Which records the library makes of exactly that.
  const { entries } = readFhirJson(bundle, "chart");
  const records = splitIntoRecords({ file: "chart", entries, patient: { reference: "Patient", names: [] } });
  const kept = entries.map(({ resource, json }) => ({
    name: `${resource.resourceType}/${resource.id}`,
    resource: plain(JSON.parse(json) as object),
    categories: new Set(
      records
        .filter(({ confidential, resources }) => !confidential && resources.some((each) => isSame(each, resource)))
        .map(({ category }) => category),
    ),
  }));
  return { kept, bundle };
}

type Named = { resourceType: string; id?: string | undefined };
const isSame = (one: Named, other: Named): boolean => one.resourceType === other.resourceType && one.id === other.id;

/** Without what a server says of its own copy, and without the versions of another server in references: it has its own. */
export function plain(resource: object): object {
  const { meta, ...rest } = JSON.parse(JSON.stringify(resource), (name, value: unknown) =>
    name === "reference" && typeof value === "string" ? value.replace(/\/_history\/[^/]+$/, "") : value,
  ) as { meta?: Record<string, unknown> };
  const others = Object.entries(meta ?? {}).filter(([name]) => name !== "versionId" && name !== "lastUpdated");
  return others.length === 0 ? rest : { meta: Object.fromEntries(others), ...rest };
}

/** Starts the service as an installation has it: a configuration, the hospital's home, the program. */
async function serve(tour: Tour, hospital: Actor, patient: TourPatient, bundle: string) {
  const { devnet } = tour;
  const folder = join(devnet.folder, "gatekeeper");
  const home = join(folder, "home");
  const staffSecret = randomBytes(32).toString("hex");
  // The service has the vault from now on.
  hospital.vault.close();
  await mkdir(home, { recursive: true, mode: 0o700 });
  await rename(hospital.home, join(home, String(devnet.deployment.chainId)));
  const write = (name: string, content: string) => writeFile(join(folder, name), content, { mode: 0o600 });
  await write(join("home", "wallet.json"), JSON.stringify({ address: hospital.wallet.address }));
  await write("deployment.json", JSON.stringify(devnet.deployment));
  await write("staff-secret", staffSecret);
  await write("chart.json", bundle);
  const config = {
    ...{ listen: { port: 0 }, publicUrl: PUBLIC_URL, home: "home", data: "data", staffSecretFile: "staff-secret" },
    chain: { rpc: devnet.url, deployment: "deployment.json", finality: 0 },
  };
  await write("gatekeeper.json", JSON.stringify(config));
  const flags = ["--config", join(folder, "gatekeeper.json")];
  let running = start(hospital, ["import", ...flags, "--patient", String(patient.id), join(folder, "chart.json")]);
  const listening = running.closed.then((code) => {
    if (code !== 0) throw new Error(`the gatekeeper took nothing in: ${running.said()}`);
    running = start(hospital, ["start", ...flags]);
    return running.listening;
  });
  // Where the tour ends before, nobody waits for it.
  listening.catch(() => undefined);
  const end = () => running.child.kill("SIGKILL");
  process.once("exit", end);
  const stop = async () => {
    process.off("exit", end);
    running.child.kill("SIGTERM");
    await running.closed;
  };
  return { listening, staffSecret, stop };
}

/** Starts the program, and tells where it listens, once it does. */
function start(hospital: Actor, args: readonly string[]) {
  const [program, ...first] = PROGRAM;
  const child = spawn(program, ["--no-warnings", ...first, ...args], {
    cwd: ROOT,
    // Nothing of this process's environment says how it runs.
    env: { CHARTCHAIN_PASSPHRASE: hospital.passphrase },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const closed = once(child, "close").then(([code]) => code as number | null);
  const listening = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
        const url = /"what":"listening","url":"([^"]+)"/.exec(said)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
    void closed.then((code) => reject(new Error(`the gatekeeper ended with ${String(code)}: ${said}`)));
  });
  listening.catch(() => undefined);
  return { child, closed, listening, said: () => said };
}

/** Asks with a token; without one as somebody who isn't signed in. */
export const asking =
  (url: string, token?: string): Ask =>
  async (path) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/fhir/${path}`, { headers });
    const text = await answer.text();
    return { status: answer.status, json: (text === "" ? {} : JSON.parse(text)) as Answered["json"] };
  };

/** Signs in with an account (EIP-4361). */
export async function signedIn({ url }: TourGatekeeper, { wallet }: Actor): Promise<Ask> {
  const post = async (path: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the gatekeeper answers ${answer.status} to ${path}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  const { message, secret } = await post("/sign-in/challenge", { account: wallet.address, purpose: "TREAT" });
  const signature = await wallet.signMessage(message!);
  const { access_token: token } = await post("/sign-in", { message, secret, signature });
  return asking(url, token);
}

/** Everything of these types that an asker finds, over all pages. */
export async function foundBy(ask: Ask, types: Iterable<string>): Promise<Map<string, object>> {
  const found = new Map<string, object>();
  for (const type of types) {
    for (let next: string | undefined = `${type}?_count=100`; next !== undefined;) {
      const { json } = await ask(next);
      for (const { resource } of json.entry ?? [])
        found.set(`${resource.resourceType}/${resource.id}`, plain(resource));
      const link = json.link?.find(({ relation }) => relation === "next")?.url;
      next = link?.slice(`${PUBLIC_URL}/fhir/`.length);
    }
  }
  return found;
}
