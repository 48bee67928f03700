import type { Resource } from "@medplum/fhirtypes";
import { type ParsedFhir, readFhirJson } from "chartchain/fhir";

/** An import of these resources. */
export function importOf(...resources: object[]): ParsedFhir {
  const entries = resources.flatMap((resource) => readFhirJson(JSON.stringify(resource), "test").entries);
  return { file: "test", entries, patient: { reference: "Patient", names: [] } };
}

/** What a source says of what it deleted. */
export function deletionOf(...references: string[]): object {
  return {
    resourceType: "Provenance",
    target: references.map((reference) => ({ reference })),
    activity: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-DataOperation", code: "DELETE" }] },
    agent: [{ who: { display: "source" } }],
  };
}

/** A resource without what two stores say differently. */
export function canonical(json: string): Resource {
  const resource = JSON.parse(json) as Resource;
  delete resource.meta?.versionId;
  delete resource.meta?.lastUpdated;
  if (Object.keys(resource.meta ?? {}).length === 0) delete resource.meta;
  return resource;
}

export const coded = (system: string, code: string): object => ({ coding: [{ system, code }] });
export const LOINC = "http://loinc.org";
export const SNOMED = "http://snomed.info/sct";
export const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
