import type { Resource } from "@medplum/fhirtypes";
import { ordinaryCategoryOf } from "./category.js";
import type { Category } from "./vocabulary.js";
import type { FhirEntry } from "./parsed.js";
import { entryResolverOf, referencesOf, visit } from "./references.js";
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
 * - A sensitive panel pulls its members (`hasMember`, `result`, what it is derived from, the entries of a section or List
 *   that tells), and theirs; a sensitive member pulls its panel, but no sibling.
 * - What points at something sensitive by itself (a claim at its diagnosis, a request at its medication, a visit at its
 *   reason) would reveal it, and becomes SENSITIVE with it. That is one step: what points at *that* stays as it is.
 * - An encounter pulls nothing of what happened at it, and isn't pulled by it.
 *
 * The patient is left out of this: everything refers to the patient. A relative reference means the server of the entry
 * that it stands in.
 *
 * @param own why each entry is sensitive by itself
 * @returns in the order of the entries
 * @example
 * classify(parsed.entries)[2]?.category // "SENSITIVE"
 */
export function classify(
  entries: readonly FhirEntry[],
  own: readonly (readonly SensitivityReason[])[] = entries.map(({ resource }) => sensitivityReasonsOf(resource)),
): Classified[] {
  const reasons = own.map((list) => [...list]);
  const isPatient = (at: number): boolean => entries[at]?.resource.resourceType === "Patient";
  const isVisit = (at: number): boolean => VISITS.has(entries[at]?.resource.resourceType ?? "");
  const resolve = entryResolverOf(entries);
  const targets = (references: readonly string[], from: number): number[] =>
    references
      .flatMap((reference) => resolve(reference, entries[from]?.fullUrl))
      .filter((to) => to !== from && !isPatient(to));
  const pull = (at: number, because: number, basis: "panel" | "reference"): void => {
    const path = entries[because]?.place ?? "";
    for (const { sensitivity, certain } of reasons[because] ?? [])
      reasons[at]?.push({ sensitivity, certain, basis, path });
  };

  const tells = (at: number): boolean => (own[at]?.length ?? 0) > 0;
  const members = entries.map(({ resource }, at) => targets(memberReferences(resource), at));
  const sensitive = new Set([...own.keys()].filter(tells));

  const down = [...sensitive];
  entries.forEach(({ resource }, panel) => {
    // Nothing tells where a person has taken a doubt for ordinary.
    if (!tells(panel)) return;
    for (const to of targets(entriesThatFollow(resource), panel)) {
      if (sensitive.has(to)) continue;
      pull(to, panel, "panel");
      sensitive.add(to);
      down.push(to);
    }
  });
  for (let at = down.pop(); at !== undefined; at = down.pop()) {
    for (const to of members[at] ?? []) {
      if (sensitive.has(to)) continue;
      pull(to, at, "panel");
      sensitive.add(to);
      down.push(to);
    }
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
    const told = targets(allReferences(resource), from).find((to) => tells(to) && !isVisit(to));
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
  return [hasMember, result, derivedFrom].flatMap(allReferences);
}

/**
 * Entries of a Composition's sections, or of a List, where the section's or list's own title or code is what tells. One
 * entry that tells says nothing of the others beside it.
 */
function entriesThatFollow(resource: Resource): string[] {
  if (resource.resourceType === "List")
    return isTelling(resource) ? allReferences(resource.entry?.map(({ item }) => item)) : [];
  if (resource.resourceType !== "Composition") return [];
  const found: string[] = [];
  visit(resource.section ?? [], (key, value, owner) => {
    if (key !== "entry") return;
    if (isTelling(owner)) found.push(...allReferences(value));
  });
  return found;
}

function isTelling({ title, code }: { title?: unknown; code?: unknown }): boolean {
  return sensitivityReasonsOf({ resourceType: "Basic", title, code: code ?? {} } as unknown as Resource).length > 0;
}

/** Literal references, and logical ones as the search that they stand for. */
export function allReferences(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  const found = referencesOf(node as Resource);
  visit(node, (key, value, owner) => {
    if (key !== "identifier" || "resourceType" in owner) return;
    const { reference, type } = owner as { reference?: unknown; type?: unknown };
    const { system, value: token } = (value ?? {}) as Record<string, unknown>;
    if (reference !== undefined || typeof token !== "string") return;
    for (const one of typeof type === "string" ? [type] : MEMBERS)
      found.push(`${one}?identifier=${typeof system === "string" ? `${system}|` : ""}${token}`);
  });
  return found;
}

/** What a panel's logical reference without a type can mean. */
const MEMBERS = ["Observation", "QuestionnaireResponse", "MolecularSequence"];
