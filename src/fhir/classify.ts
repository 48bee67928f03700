import { type Category, categoryOf } from "./category.js";
import type { FhirEntry } from "./parsed.js";
import { referencesOf, type Resolver } from "./references.js";

/**
 * The category of every entry, with what it refers to taken into account: whatever points at something sensitive (a
 * condition, an encounter and its reason, a claim) would reveal it, and becomes SENSITIVE with it.
 *
 * The patient is left out of this: everything refers to the patient.
 *
 * @returns categories in the order of the entries
 * @example
 * classify(parsed.entries, resolverOf(parsed.entries)) // ["SUMMARY", "CARE", "SENSITIVE", …]
 */
export function classify(entries: readonly FhirEntry[], resolve: Resolver): Category[] {
  const categories = entries.map(({ resource }) => categoryOf(resource));
  const pointedAtBy = new Map<number, number[]>();
  entries.forEach(({ resource }, from) => {
    for (const to of referencesOf(resource).flatMap(resolve)) {
      if (entries[to]?.resource.resourceType === "Patient") continue;
      const pointing = pointedAtBy.get(to);
      if (pointing) pointing.push(from);
      else pointedAtBy.set(to, [from]);
    }
  });
  const queue = [...categories.keys()].filter((at) => categories[at] === "SENSITIVE");
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const from of pointedAtBy.get(at) ?? []) {
      if (categories[from] === "SENSITIVE" || entries[from]?.resource.resourceType === "Patient") continue;
      categories[from] = "SENSITIVE";
      queue.push(from);
    }
  }
  return categories;
}
