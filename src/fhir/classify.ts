import type { Resource } from "@medplum/fhirtypes";
import { type Category, ordinaryCategoryOf } from "./category.js";
import type { FhirEntry } from "./parsed.js";
import { referencesOf, type Resolver, visit } from "./references.js";
import { type SensitivityReason, sensitivityReasonsOf } from "./sensitivity.js";

/** What an entry is: its category, and if SENSITIVE, why. */
export interface Classified {
  category: Category;
  /** Empty unless the category is SENSITIVE. */
  reasons: readonly SensitivityReason[];
}

/** What many things happen at: it says little of each. */
const VISITS: ReadonlySet<string> = new Set(["Encounter", "EpisodeOfCare"]);

/**
 * The category of every entry, with what it is made of and what it points at taken into account.
 *
 * - A sensitive panel pulls its members (`hasMember`, `result`, what it is derived from, the entries of a section that
 *   tells), and theirs; a sensitive member pulls its panel, but no sibling.
 * - What points at something sensitive by itself (a claim at its diagnosis, a request at its medication, a visit at its
 *   reason) would reveal it, and becomes SENSITIVE with it. That is one step: what points at *that* stays as it is.
 * - An encounter pulls nothing of what happened at it, and isn't pulled by it.
 *
 * The patient is left out of this: everything refers to the patient.
 *
 * @param own why each entry is sensitive by itself
 * @returns in the order of the entries
 * @example
 * classify(parsed.entries, resolverOf(parsed.entries))[2]?.category // "SENSITIVE"
 */
export function classify(
  entries: readonly FhirEntry[],
  resolve: Resolver,
  own: readonly (readonly SensitivityReason[])[] = entries.map(({ resource }) => sensitivityReasonsOf(resource)),
): Classified[] {
  const reasons = own.map((list) => [...list]);
  const isPatient = (at: number): boolean => entries[at]?.resource.resourceType === "Patient";
  const isVisit = (at: number): boolean => VISITS.has(entries[at]?.resource.resourceType ?? "");
  const targets = (references: readonly string[]): number[] =>
    references.flatMap(resolve).filter((to) => !isPatient(to));
  const pull = (at: number, because: number, basis: "panel" | "reference"): void => {
    const path = entries[because]?.place ?? "";
    for (const { sensitivity, certain } of reasons[because] ?? [])
      reasons[at]?.push({ sensitivity, certain, basis, path });
  };

  const tells = (at: number): boolean => (own[at]?.length ?? 0) > 0;
  const members = entries.map(({ resource }) => targets(memberReferences(resource)));
  const sensitive = new Set([...own.keys()].filter(tells));

  const down = [...sensitive];
  for (let at = down.pop(); at !== undefined; at = down.pop()) {
    for (const to of members[at] ?? []) {
      if (sensitive.has(to)) continue;
      pull(to, at, "panel");
      sensitive.add(to);
      down.push(to);
    }
  }
  for (const [panel, to] of sectionsThatTell(entries, targets)) {
    if (sensitive.has(to)) continue;
    pull(to, panel, "panel");
    sensitive.add(to);
  }

  const parents = new Map<number, number[]>();
  members.forEach((list, panel) => {
    for (const member of list) parents.set(member, [...(parents.get(member) ?? []), panel]);
  });
  const up = [...sensitive];
  for (let at = up.pop(); at !== undefined; at = up.pop()) {
    for (const panel of parents.get(at) ?? []) {
      if (sensitive.has(panel) || isPatient(panel)) continue;
      pull(panel, at, "panel");
      sensitive.add(panel);
      up.push(panel);
    }
  }

  entries.forEach(({ resource }, from) => {
    if (sensitive.has(from) || isPatient(from)) return;
    const told = targets(referencesOf(resource)).find((to) => tells(to) && !isVisit(to));
    if (told !== undefined) pull(from, told, "reference");
  });
  return entries.map(({ resource }, at) => {
    const why = reasons[at] ?? [];
    return { category: why.length > 0 ? "SENSITIVE" : ordinaryCategoryOf(resource), reasons: why };
  });
}

/** What a resource is made of. */
function memberReferences(resource: Resource): string[] {
  const { hasMember, result, derivedFrom } = resource as unknown as Record<string, unknown>;
  return [hasMember, result, derivedFrom].flatMap(referencesIn);
}

/** Entries of a Composition's sections, where the section's own title or code is what tells. */
function sectionsThatTell(
  entries: readonly FhirEntry[],
  targets: (references: readonly string[]) => number[],
): [panel: number, to: number][] {
  const found: [number, number][] = [];
  entries.forEach(({ resource }, at) => {
    if (resource.resourceType !== "Composition") return;
    visit(resource.section ?? [], (key, value, owner) => {
      if (key !== "entry") return;
      const { title, code } = owner as { title?: unknown; code?: unknown };
      const head = { resourceType: "Basic", code: code ?? {}, title } as unknown as Resource;
      if (sensitivityReasonsOf(head).length === 0) return;
      for (const to of targets(referencesIn(value))) found.push([at, to]);
    });
  });
  return found;
}

function referencesIn(value: unknown): string[] {
  return typeof value === "object" && value !== null ? referencesOf(value as Resource) : [];
}
