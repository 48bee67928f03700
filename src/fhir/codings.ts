import { visit } from "./references.js";

/** A coding found anywhere in a resource. */
export interface FoundCoding {
  system: string;
  code: string;
  display?: string;
}

/**
 * Every Coding in a resource, contained resources included.
 *
 * @example
 * codingsOf(condition) // [{ system: "http://snomed.info/sct", code: "5602001", display: "Opioid abuse (disorder)" }]
 */
export function codingsOf(resource: object): FoundCoding[] {
  const found: FoundCoding[] = [];
  visit(resource, (key, code, owner) => {
    if (key !== "code" || typeof code !== "string") return;
    const { system, display } = owner as { system?: unknown; display?: unknown };
    if (typeof system !== "string") return;
    found.push({ system, code, ...(typeof display === "string" ? { display } : {}) });
  });
  return found;
}

/** A concept given in words alone, without any code. */
export function uncodedTextsOf(resource: object): string[] {
  const found: string[] = [];
  visit(resource, (key, value, owner) => {
    if (key !== "text" || typeof value !== "string" || !looksLikeConcept(owner)) return;
    const coding = (owner as { coding?: { code?: unknown }[] }).coding;
    if (!coding?.some(({ code }) => code !== undefined)) found.push(value);
  });
  return found;
}

/** A CodeableConcept has no other properties; an annotation, a dosage or a questionnaire item has. */
function looksLikeConcept(owner: object): boolean {
  return Object.keys(owner).every((key) => ["id", "extension", "coding", "text", "_text"].includes(key));
}

/** Short names of the code systems that the tables use. */
export type SystemName =
  "snomed" | "loinc" | "rxnorm" | "icd10" | "icd9" | "icd11" | "atc" | "cpt" | "hcpcs" | "nucc" | "label";

const SYSTEMS: readonly [SystemName, RegExp][] = [
  ["snomed", /snomed\.info\/sct|^urn:oid:2\.16\.840\.1\.113883\.6\.96$/],
  ["loinc", /loinc\.org|^urn:oid:2\.16\.840\.1\.113883\.6\.1$/],
  ["rxnorm", /rxnorm|^urn:oid:2\.16\.840\.1\.113883\.6\.88$/i],
  ["icd10", /icd-?10(?!.*(?:pcs|procedure))|^urn:oid:2\.16\.840\.1\.113883\.6\.(?:3|90)$/i],
  ["icd9", /icd-?9|^urn:oid:2\.16\.840\.1\.113883\.6\.103$/i],
  ["icd11", /id\.who\.int\/icd\/|icd-?11/i],
  ["atc", /whocc\.no\/atc|^urn:oid:2\.16\.840\.1\.113883\.6\.73$/i],
  ["cpt", /ama-assn\.org\/go\/cpt|^urn:oid:2\.16\.840\.1\.113883\.6\.12$/i],
  ["hcpcs", /hcpcs|^urn:oid:2\.16\.840\.1\.113883\.6\.285$/i],
  ["nucc", /nucc\.org\/provider-taxonomy|^urn:oid:2\.16\.840\.1\.113883\.6\.101$/i],
  ["label", /\/v3[-/](?:ActCode|Confidentiality|RoleCode)$|^urn:oid:2\.16\.840\.1\.113883\.5\.(?:4|25|111)$/i],
];

/** Which of the known code systems a URI means; official URIs, OIDs and common older spellings. */
export function systemName(uri: string): SystemName | undefined {
  return SYSTEMS.find(([, pattern]) => pattern.test(uri))?.[0];
}
