import type { Encounter, Resource } from "@medplum/fhirtypes";
import { type Category, categoryOfBundle } from "./category.js";
import { classify } from "./classify.js";
import { encounterReference } from "./encounter.js";
import type { FhirEntry, ParsedFhir } from "./parsed.js";
import { bundleBytes } from "./record-bytes.js";
import { parseLiteral, referencesOf, type Resolver, resolverOf } from "./references.js";
import { TRAVELLING } from "./resource-types.js";
import { isRestricted } from "./sensitivity.js";
import { titleOf } from "./title.js";

/** One document-sized part of a patient's data, ready to be sealed. */
export interface FhirRecord {
  readonly category: Category;
  readonly sensitive: boolean;
  /** For people who may open the record; never leaves the sealed content. */
  readonly title: string;
  readonly resources: readonly Resource[];
  /** The encounter that the record belongs to, as the resources refer to it. */
  readonly encounter?: string;
  /** A FHIR Bundle as UTF-8 JSON: `collection`, or the original `document`. Every number keeps its lexeme. */
  readonly bytes: Uint8Array;
  readonly mediaType: "application/fhir+json";
}

/**
 * Splits an input into records: the resources of one encounter in one category, or of one category where there is no
 * encounter. A document Bundle stays whole.
 *
 * Nothing is lost: every resource is in at least one record. Practitioner, Organization, Location, Medication and their
 * like travel with each record that refers to them; one that nothing refers to gets a record by its own category. No
 * record but a SENSITIVE one holds a sensitive resource. References keep pointing at the same fullUrl, in this record
 * or in another.
 *
 * @returns records ordered by first appearance; the same input gives the same bytes
 * @example
 * for (const record of splitIntoRecords(await parseFhirFile("bundle.json"))) console.log(record.category)
 */
export function splitIntoRecords(parsed: ParsedFhir): FhirRecord[] {
  if (parsed.bundle?.type === "document" && parsed.text !== undefined) return [wholeDocument(parsed, parsed.text)];
  const { entries } = parsed;
  const resolve = resolverOf(entries);
  const whole = parsed.bundle !== undefined && isRestricted(parsed.bundle.meta);
  const categories = classify(entries, resolve).map((category) => (whole ? "SENSITIVE" : category));
  const travelling = companionsOf(entries, resolve);

  const groups = new Map<string, { category: Category; encounter?: string; members: Set<number> }>();
  entries.forEach((_, at) => {
    if (travelling.withSomeone.has(at)) return;
    const category = categories[at] ?? "SENSITIVE";
    const encounter = encounterOf(at, entries, categories, resolve);
    const key = `${encounter ?? ""} ${category}`;
    const group = groups.get(key) ?? {
      category,
      ...(encounter === undefined ? {} : { encounter }),
      members: new Set(),
    };
    group.members.add(at);
    for (const companion of travelling.of(at)) group.members.add(companion);
    groups.set(key, group);
  });

  return [...groups.values()].map(({ category, encounter, members }) => {
    const chosen = [...members].sort((a, b) => a - b).flatMap((at) => entries[at] ?? []);
    const visit = encounter === undefined ? undefined : resolve(encounter).map((at) => entries[at]?.resource)[0];
    return {
      category,
      sensitive: category === "SENSITIVE",
      title: titleOf(category, chosen, visit as Encounter | undefined),
      resources: chosen.map(({ resource }) => resource),
      ...(encounter === undefined ? {} : { encounter }),
      bytes: bundleBytes(chosen),
      mediaType: "application/fhir+json",
    };
  });
}

function wholeDocument(parsed: ParsedFhir, text: string): FhirRecord {
  const resources = parsed.entries.map(({ resource }) => resource);
  const category = isRestricted(parsed.bundle?.meta) ? "SENSITIVE" : categoryOfBundle(resources);
  return {
    category,
    sensitive: category === "SENSITIVE",
    title: titleOf(category, parsed.entries),
    resources,
    bytes: new TextEncoder().encode(text),
    mediaType: "application/fhir+json",
  };
}

/** Which entries travel, and with whom. */
function companionsOf(
  entries: readonly FhirEntry[],
  resolve: Resolver,
): { withSomeone: ReadonlySet<number>; of: (at: number) => ReadonlySet<number> } {
  const direct = entries.map(({ resource }, from) =>
    referencesOf(resource)
      .flatMap(resolve)
      .filter((to) => to !== from && TRAVELLING.has(entries[to]?.resource.resourceType ?? "")),
  );
  const reachable = (from: number): Set<number> => {
    const found = new Set<number>();
    const queue = [from];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const to of direct[at] ?? []) {
        if (found.has(to)) continue;
        found.add(to);
        queue.push(to);
      }
    }
    return found;
  };
  const withSomeone = new Set<number>();
  entries.forEach(({ resource }, at) => {
    if (!TRAVELLING.has(resource.resourceType)) for (const to of reachable(at)) withSomeone.add(to);
  });
  return { withSomeone, of: reachable };
}

/** The encounter of an entry; a Provenance goes where all its targets are. */
function encounterOf(
  at: number,
  entries: readonly FhirEntry[],
  categories: readonly Category[],
  resolve: Resolver,
): string | undefined {
  const resource = entries[at]?.resource;
  if (!resource) return undefined;
  if (resource.resourceType === "Encounter") return nameOf(at, entries);
  if (resource.resourceType === "Provenance") {
    const targets = (resource.target ?? []).flatMap(({ reference }) =>
      reference === undefined ? [] : resolve(reference),
    );
    const encounters = targets
      .filter((to) => entries[to]?.resource.resourceType !== "Provenance")
      .map((to) => encounterOf(to, entries, categories, resolve));
    const [only, another] = new Set(encounters);
    return another === undefined && encounters.length > 0 ? only : undefined;
  }
  const reference = encounterReference(resource);
  if (reference === undefined) return undefined;
  const [target] = resolve(reference);
  if (target !== undefined) {
    return entries[target]?.resource.resourceType === "Encounter" ? nameOf(target, entries) : undefined;
  }
  // The encounter itself is not in the input; what belongs to it stays together all the same.
  const literal = parseLiteral(reference);
  return literal && literal.type !== "Encounter" ? undefined : reference;
}

function nameOf(at: number, entries: readonly FhirEntry[]): string {
  const entry = entries[at];
  return entry?.fullUrl ?? `Encounter/${entry?.resource.id ?? String(at)}`;
}
