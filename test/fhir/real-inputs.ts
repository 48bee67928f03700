import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { ChartChainError } from "../../src/errors/index.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SHARED = join(ROOT, "../shared/data/fhir");
const IPS_PACKAGE = join(ROOT, "node_modules/hl7.fhir.uv.ips/example");

/** Paths of the real inputs of a kind; the test is skipped, visibly, where they are absent. */
export function realInputs(
  test: Mocha.Context,
  kind: "synthea" | "hl7" | "ips" | "au-core",
  pick = /\.json$/,
): string[] {
  const own = join(SHARED, kind);
  const dir = existsSync(own) || kind !== "ips" ? own : IPS_PACKAGE;
  if (!existsSync(dir)) {
    console.log(`      no real ${kind} inputs at ${dir}: skipped`);
    test.skip();
  }
  return jsonFiles(dir).filter((path) => pick.test(path));
}

/** The IPS examples of the development dependency. */
export function packagedIps(pick = /\.json$/): string[] {
  return jsonFiles(IPS_PACKAGE).filter((path) => pick.test(path));
}

function jsonFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => join(dir, name));
}

/** Runs `use` with a fresh folder and removes it afterwards, whatever happens. */
export async function withFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "chartchain-fhir-"));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Writes `content` to a file in a fresh folder and runs `use` with its path. */
export function withFile<T>(content: unknown, use: (path: string) => Promise<T>): Promise<T> {
  return withFolder(async (dir) => {
    const path = join(dir, "input.json");
    const raw = typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content);
    await writeFile(path, raw);
    return use(path);
  });
}

/** The ChartChainError that an action ends with; any other end fails the test. */
export async function errorOf(action: () => unknown): Promise<ChartChainError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ChartChainError) return error;
    throw error;
  }
  throw new Error("expected a ChartChainError, but the action succeeded");
}

export const PATIENT = {
  resourceType: "Patient",
  id: "alice",
  identifier: [{ system: "urn:example:mrn", value: "MRN-77001" }],
  name: [{ family: "Quibbleworth", given: ["Alice", "Zenobia"] }],
  birthDate: "1974-05-12",
} satisfies Resource;

/** An Observation of the patient, changed as wished. */
export function observation(changes: object = {}): object {
  return {
    resourceType: "Observation",
    status: "final",
    code: { text: "Body weight" },
    subject: { reference: "urn:uuid:alice" },
    ...changes,
  };
}

/** A collection Bundle of the patient and further resources, with urn fullUrls. */
export function bundleOf(...resources: object[]): object {
  return {
    resourceType: "Bundle",
    type: "collection",
    entry: [PATIENT, ...resources].map((resource, at) => ({
      fullUrl: at === 0 ? "urn:uuid:alice" : `urn:uuid:r${at}`,
      resource,
    })),
  };
}

export function asBundle(bytes: Uint8Array): Bundle {
  return JSON.parse(new TextDecoder().decode(bytes)) as Bundle;
}
