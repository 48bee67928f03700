import type { Resource } from "@medplum/fhirtypes";
import { expect } from "chai";

import { createDevnet, relate, type Actor, type Devnet } from "../../../devnet/index.js";
import { readFhirJson } from "../../../src/fhir/index.js";
import type { Category, ExportSink } from "../../../src/sdk/index.js";
import { bytes, text } from "../helpers.js";

/** What nobody's page may be made to do. */
export const HOSTILE = `<script>alert(1)</script><img src=x onerror="alert(2)">'"\`&amp;&#60;\u202E</td></table>`;

const NARRATIVE = {
  status: "generated",
  div: '<div xmlns="http://www.w3.org/1999/xhtml"><b onclick="alert(3)">narrative</b></div>',
};

const PERSON = { resourceType: "Patient", text: NARRATIVE, name: [{ family: HOSTILE }], gender: "female" };

/** With a value whose zeros JSON would drop. */
const observation = (what: string, value: string, subject: string, id?: string) =>
  JSON.stringify({
    ...{ resourceType: "Observation", id, status: "final", code: { text: what }, effectiveDateTime: "2025-03-04" },
    ...{ subject: { reference: subject }, valueQuantity: { value: "VALUE", unit: "kg" } },
  }).replace('"VALUE"', value);

const bundle = (...entries: string[]) =>
  `{"resourceType":"Bundle","type":"collection","entry":[${entries.map((entry) => `{${entry}}`).join(",")}]}`;

const PERSON_URN = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";

/** One person's file, as it may come to two hospitals: with the same UUIDs, and numbers of its own. */
export const withUuids = (weight: string) =>
  bundle(
    `"fullUrl":"${PERSON_URN}","resource":${JSON.stringify(PERSON)}`,
    `"fullUrl":"urn:uuid:5cbc121b-cd71-4428-b8b7-31e53eba8184","resource":${observation("Body weight", weight, PERSON_URN)}`,
  );

/** Resources of a server that counts from 1, as every one does. */
export const counted = (what: string, value = "1.00") =>
  bundle(
    `"resource":${JSON.stringify({ ...PERSON, id: "1" })}`,
    `"resource":${observation(what, value, "Patient/1", "1")}`,
  );

/** Two hospitals, an insurer and an ambulance around one patient, who has somebody of the family. */
export async function exportWorld() {
  const world = await createDevnet();
  const hospital = await world.institution("General Hospital");
  const clinic = await world.institution("City Clinic");
  const insurer = await world.institution("Mutual Insurance", ["PAYER"]);
  const ambulance = await world.institution("Ambulance Service", ["EMERGENCY"]);
  const alice = await world.patient("Alice");
  const carol = await world.patient("Carol");
  for (const steward of [hospital, clinic]) await relate(steward, alice);
  return Object.assign(world, { hospital, clinic, insurer, ambulance, alice, carol });
}

export type ExportWorld = Devnet & Record<"hospital" | "clinic" | "insurer" | "ambulance" | "alice" | "carol", Actor>;

/** Adds FHIR, or other content with its media type, to a chart. */
export const add = async (
  steward: Actor,
  patient: number,
  content: string,
  more: { category?: Category; mediaType?: string; confidential?: boolean } = {},
) => {
  const record = { patient, category: "OBSERVATION" as const, content: bytes(content), again: true, ...more };
  return steward.client.addRecord(record);
};

/** A sink in memory, as a browser's might be. */
export function memorySink(): ExportSink & { files: Map<string, Uint8Array>; textOf: (name: string) => string } {
  const files = new Map<string, Uint8Array>();
  const textOf = (name: string) => {
    expect(files.has(name), `there is ${name}`).to.equal(true);
    return text(files.get(name)!);
  };
  return {
    files,
    textOf,
    async create(name) {
      const chunks: Uint8Array[] = [];
      return {
        write: async (chunk) => void chunks.push(chunk.slice()),
        close: async () => void files.set(name, Buffer.concat(chunks)),
        discard: async () => {},
      };
    },
    async *read(name) {
      yield files.get(name)!;
    },
  };
}

/** An entry of an exported Bundle. */
export interface Entry {
  fullUrl: string;
  resource: Resource & Record<string, unknown>;
  json: string;
}

export const entriesOf = (bundle: string): Entry[] => readFhirJson(bundle, "export").entries as unknown as Entry[];

/** The resources of one type. */
export const typed = <T>(entries: readonly Entry[], type: string): T[] =>
  entries.filter(({ resource }) => resource.resourceType === type).map(({ resource }) => resource as unknown as T);

/** How FHIR finds what a reference names: https://hl7.org/fhir/R4/bundle.html#references */
export function resolved(entries: readonly Entry[], { fullUrl }: Entry, reference: string): Entry | undefined {
  const base = /^(https?:\/\/.+\/)[A-Za-z]+\/[^/]+$/.exec(fullUrl)?.[1] ?? "";
  const name = /^[a-z]+:/.test(reference) ? reference : `${base}${reference}`;
  return entries.find((entry) => entry.fullUrl === name);
}
