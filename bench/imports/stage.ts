import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Actor, type Devnet, relate } from "../../devnet/published.js";
import { contentOf } from "../../src/sdk/records/open-record.js";

const MRN = "http://general-hospital.example/mrn";

/** People with charts, and an export with records of theirs. */
export interface ImportStage {
  patients: Actor[];
  /** The export: a folder of NDJSON. */
  path: string;
  /** How many records an import makes of it. */
  records: number;
}

/** Makes people, and an export that holds `each` encounters of every one, with one Observation. */
export async function stageImport(devnet: Devnet, people: number, each: number): Promise<ImportStage> {
  const path = join(devnet.folder, `export-${people}-${each}`);
  await mkdir(path);
  const patients: Actor[] = [];
  const [persons, observations]: [string[], string[]] = [[], []];
  for (let at = 0; at < people; at++) {
    patients.push(await devnet.patient(`patient ${at}`));
    const identifier = [{ system: MRN, value: mrnOf(at) }];
    persons.push(JSON.stringify({ resourceType: "Patient", id: `p${at}`, identifier, birthDate: "1961-04-17" }));
    for (let visit = 0; visit < each; visit++) {
      const observation = {
        ...{ resourceType: "Observation", id: `o${at}-${visit}`, status: "final" },
        code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
        subject: { reference: `Patient/p${at}` },
        encounter: { reference: `Encounter/e${at}-${visit}` },
        valueQuantity: { value: visit, unit: "kg" },
        note: [{ text: "x".repeat(1_000) }],
      };
      observations.push(JSON.stringify(observation));
    }
  }
  await writeFile(join(path, "Patient.ndjson"), `${persons.join("\n")}\n`);
  await writeFile(join(path, "Observation.ndjson"), `${observations.join("\n")}\n`);
  return { patients, path, records: people * (each + 1) };
}

const mrnOf = (at: number): string => String(10_000 + at);

/** An institution that has a relationship with all of these people, and attested who they are. */
export async function steward(devnet: Devnet, name: string, patients: readonly Actor[]): Promise<Actor> {
  const actor = await devnet.institution(name);
  for (const [at, patient] of patients.entries()) {
    await relate(actor, patient);
    const form = { resourceType: "Patient", identifier: [{ system: MRN, value: mrnOf(at) }] };
    actor.vault.people.add(patient.id, form);
  }
  return actor;
}

/** What a steward's charts come to: a line for each record, by patient, category and content; the same for equal charts. */
export async function chartsOf({ client, vault, id }: Actor, patients: readonly Actor[]): Promise<string[]> {
  const lines: string[] = [];
  for (const patient of patients) {
    const own = (await client.listRecords({ patient: patient.id })).filter((record) => record.steward === id);
    const { matchesHead, batches } = await client.verifyHistory({ patient: patient.id });
    const places = batches.filter(({ author }) => author === id).flatMap(({ records }) => records ?? []);
    const isOnce = places.length === own.length && new Set(places.map(({ digest }) => digest)).size === own.length;
    if (!matchesHead || !isOnce) throw new Error(`not each record of patient ${patient.id} is anchored, and once`);
    for (const { digest, category, unfinished } of own) {
      if (unfinished) throw new Error(`a record of patient ${patient.id} is unfinished`);
      const content = createHash("sha256")
        .update(await contentOf(client, digest))
        .digest("hex");
      lines.push(`${patient.id} ${category} ${content}`);
    }
  }
  const open = vault.additions.unfinished();
  if (open.length > 0) throw new Error(`${open.length} additions are unfinished`);
  return lines.sort();
}
