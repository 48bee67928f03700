import type { Bundle, BundleEntry, Provenance, Resource } from "@medplum/fhirtypes";
import { concept } from "./code-systems.js";
import type { ParsedFhir } from "./parsed.js";
import { parseConditional, parseLiteral } from "./references.js";

const DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";
const ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/**
 * What an entry of a history or transaction deletes, as a Provenance: a record holds resources only, and without it
 * nobody could see later that the source took one back.
 *
 * Where the source gives no time, the newest time in the Bundle is told as the earliest possible.
 *
 * @param at position of the entry in its Bundle
 * @returns undefined for any other entry; for the deletion of a Patient; where no single resource is named; and where an
 * entry before it holds that resource, since a history gives the newest first: it was created anew
 * @example
 * deletionIn(bundle, 3)?.target // [{ reference: "Condition/c" }]
 */
export function deletionIn(bundle: Bundle, at: number): Provenance | undefined {
  const { request, response, fullUrl } = bundle.entry?.[at] ?? {};
  if (request?.method !== "DELETE") return undefined;
  // Some servers begin what is relative to their base with a slash.
  const relative = typeof request.url === "string" ? request.url.replace(/^\/(?=[A-Z])/, "") : undefined;
  const url = [fullUrl, relative].find((one) => typeof one === "string" && parseLiteral(one) !== undefined);
  const reference = url ?? relative;
  const type = reference === undefined ? undefined : (parseLiteral(reference) ?? parseConditional(reference))?.type;
  if (reference === undefined || type === undefined || type === "Patient") return undefined;
  if (bundle.entry?.slice(0, at).some((entry) => isNamed(entry, reference))) return undefined;
  const recorded = response?.lastModified ?? bundle.meta?.lastUpdated ?? bundle.timestamp;
  return {
    resourceType: "Provenance",
    target: [{ reference }],
    ...(recorded === undefined ? notBefore(bundle) : { recorded }),
    activity: concept(DATA_OPERATION, "DELETE", "delete"),
    agent: [{ who: { display: "The source of this input" } }],
  } as Provenance;
}

/** How many entries of a Bundle delete something, also a Patient, of which {@link deletionIn} makes nothing. */
export function deletionsIn(bundle: Bundle): number {
  const entries: unknown = bundle.entry;
  return Array.isArray(entries) ? entries.filter((entry: BundleEntry) => entry.request?.method === "DELETE").length : 0;
}

/**
 * Whether a document only says what was deleted, as the `deleted` files of a Bulk Data export do, and records that were
 * made of deletions.
 *
 * Source: https://hl7.org/fhir/uv/bulkdata/export.html#response---complete-status
 */
export function onlyDeletes({ bundle, entries }: Pick<ParsedFhir, "bundle" | "entries">): boolean {
  if (entries.some(({ resource }) => deletedBy(resource).length === 0)) return false;
  return entries.length > 0 || (bundle !== undefined && deletionsIn(bundle) > 0);
}

function isNamed({ resource, fullUrl }: BundleEntry, reference: string): boolean {
  if (!resource) return false;
  return fullUrl === reference || `${resource.resourceType}/${resource.id ?? ""}` === reference;
}

function notBefore({ entry = [] }: Bundle): object {
  const times = entry.flatMap(({ resource }) => resource?.meta?.lastUpdated ?? []);
  const newest = times.sort((a, b) => Date.parse(b) - Date.parse(a))[0];
  return {
    _recorded: { extension: [{ url: ABSENT, valueCode: "unknown" }] },
    ...(newest === undefined ? {} : { occurredPeriod: { start: newest } }),
  };
}

/**
 * The references that a resource says are deleted; none for anything but a Provenance of a deletion.
 *
 * @example
 * deletedBy(provenance) // ["Condition/c"]
 */
export function deletedBy(resource: Resource): string[] {
  if (resource.resourceType !== "Provenance") return [];
  const deletes = resource.activity?.coding?.some(({ system, code }) => system === DATA_OPERATION && code === "DELETE");
  return deletes ? resource.target.flatMap(({ reference }) => reference ?? []) : [];
}
