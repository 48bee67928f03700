import type { ParsedFhir } from "./parsed.js";

/** What an input holds, in numbers. */
export interface ResourceCount {
  /** Entries of the Bundles, with or without a resource; 1 for a single resource. */
  entries: number;
  /** What records are made of: a deletion counts as the Provenance that it becomes. */
  resources: number;
  /** By resource type, in alphabetical order. */
  byType: Record<string, number>;
}

/**
 * Counts the resources of one or more inputs, for a report.
 *
 * @example
 * countResources(parsed) // { entries: 133, resources: 133, byType: { Claim: 14, … } }
 */
export function countResources(...inputs: readonly ParsedFhir[]): ResourceCount {
  const all = inputs.flatMap(({ entries }) => entries);
  const byType = new Map<string, number>();
  for (const { resource } of all) byType.set(resource.resourceType, (byType.get(resource.resourceType) ?? 0) + 1);
  return {
    entries: inputs.reduce((sum, { bundle, entries }) => sum + (bundle?.entry?.length ?? entries.length), 0),
    resources: all.length,
    byType: Object.fromEntries([...byType].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
