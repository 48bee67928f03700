import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Resource } from "@medplum/fhirtypes";

import { classify, type SensitivityReason, sensitivityReasonsOf } from "../../src/fhir/index.js";
import { parseFhirFile } from "../../src/fhir/node/index.js";
import { report } from "../lib/child.js";

/** Concepts of whole value sets, see bench/data/README.md. */
interface Concept {
  /** `ecqm` or `c2s`. */
  source: string;
  system: string;
  code: string;
  display: string;
  /** A third of all, which nobody looked at while the lists were written. */
  heldOut: boolean;
  /** A third of all comes by words alone: as a display under an unknown system, or as a text. */
  form: "coded" | "display" | "text";
}

const DATA = join(import.meta.dirname, "..", "data");
const URIS: Readonly<Record<string, string>> = {
  "icd-10-cm": "http://hl7.org/fhir/sid/icd-10-cm",
  "icd-9-cm": "http://hl7.org/fhir/sid/icd-9-cm",
  hcpcs: "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
  rxnorm: "http://www.nlm.nih.gov/research/umls/rxnorm",
  loinc: "http://loinc.org",
  cvx: "http://hl7.org/fhir/sid/cvx",
};
/**
 * What the tables leave out on purpose though a value set holds it: tobacco, dementia, and medicines that mostly mean
 * epilepsy, blood pressure or anaesthesia.
 */
const LEFT_OUT =
  /^(?:icd-10-cm (?:F17|F0[0-3])|icd-9-cm (?:305\.1|290|294\.[12])|rxnorm .*(?:lamotrig|lamictal|valpro|depak|clonidin|midazolam))/i;

const published = await conceptsOf("sensitive");
const sensitive = published.filter(({ system, code, display }) => !LEFT_OUT.test(`${system} ${code} ${display}`));
const ordinary = await conceptsOf("ordinary");
const resources = [...(await resourcesOf(ips())), ...(await resourcesOf(synthea()))];
const asWords = sensitive.map((concept) =>
  concept.form === "coded" ? { ...concept, form: "display" as const } : concept,
);

report({
  samples: {
    concepts: [sensitive.length + ordinary.length],
    leftOut: [published.length - sensitive.length],
    recall: [share(sensitive, found)],
    recallHeldOut: [share(heldOut(sensitive), found)],
    recallMeasures: [share(from("ecqm"), found)],
    recallConsent: [share(from("c2s"), found)],
    recallWords: [share(asWords, found)],
    specificity: [share(ordinary, (concept) => !found(concept))],
    specificityHeldOut: [share(heldOut(ordinary), (concept) => !found(concept))],
    doubtful: [share(sensitive.filter(found), (concept) => !reasonsOf(concept).some(({ certain }) => certain))],
    resources: [resources.length],
    resourcesSensitive: [share(resources, ({ length }) => length > 0)],
    resourcesByContagion: [share(resources, isContagion)],
  },
});

async function conceptsOf(kind: string): Promise<Concept[]> {
  const text = await readFile(join(DATA, `${kind}-concepts.tsv`), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [source, , system, code, display] = line.split("\t") as [string, string, string, string, string];
      const [first, second] = createHash("sha256").update(`${system}|${code}`).digest();
      const form = second! % 3 > 0 ? "coded" : second! % 2 === 0 ? "display" : "text";
      return { source, system, code, display, heldOut: first! % 3 === 0, form };
    });
}

function reasonsOf({ system, code, display, form }: Concept): SensitivityReason[] {
  const coding = form === "coded" ? { system: URIS[system], code, display } : { system: "urn:uuid:local", display };
  const concept = form === "text" ? { text: display } : { coding: [coding] };
  if (system === "loinc")
    return sensitivityReasonsOf({ resourceType: "Observation", code: concept } as object as Resource);
  if (system === "rxnorm" || system === "cvx")
    return sensitivityReasonsOf({
      resourceType: "MedicationStatement",
      medicationCodeableConcept: concept,
    } as object as Resource);
  const resourceType = system === "hcpcs" ? "Procedure" : "Condition";
  return sensitivityReasonsOf({ resourceType, code: concept } as object as Resource);
}

function found(concept: Concept): boolean {
  return reasonsOf(concept).length > 0;
}

function from(source: string): Concept[] {
  return sensitive.filter((concept) => concept.source === source);
}

function heldOut(concepts: readonly Concept[]): Concept[] {
  return concepts.filter((concept) => concept.heldOut);
}

function share<T>(list: readonly T[], holds: (item: T) => boolean): number {
  return list.length === 0 ? 0 : (100 * list.filter(holds).length) / list.length;
}

/** Sensitive for nothing of its own. */
function isContagion(reasons: readonly SensitivityReason[]): boolean {
  return reasons.length > 0 && reasons.every(({ basis }) => basis === "panel" || basis === "reference");
}

function ips(): string {
  return join(dirname(fileURLToPath(import.meta.resolve("hl7.fhir.uv.ips/package.json"))), "example");
}

function synthea(): string {
  return join(import.meta.dirname, "..", "..", "..", "shared", "data", "fhir", "synthea");
}

/** Why each resource of a folder is sensitive; nothing where the folder isn't at hand. */
async function resourcesOf(folder: string): Promise<(readonly SensitivityReason[])[]> {
  const names = await readdir(folder).catch(() => []);
  const all: (readonly SensitivityReason[])[] = [];
  for (const name of names.filter((one) => one.endsWith(".json"))) {
    // Some single examples are about nobody, and are no input.
    const parsed = await parseFhirFile(join(folder, name), { validate: false }).catch(() => undefined);
    if (parsed) all.push(...classify(parsed.entries).map(({ reasons }) => reasons));
  }
  return all;
}
