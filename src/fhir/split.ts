import type { Encounter, Resource } from "@medplum/fhirtypes";
import { ordinaryCategoryOfBundle } from "./category.js";
import { allReferences, type Classified, classify } from "./classify.js";
import { demographicsOf } from "./demographics.js";
import { encounterReference } from "./encounter.js";
import { unwrap } from "./nested.js";
import type { FhirEntry, ParsedFhir } from "./parsed.js";
import { bundleBytes } from "./record-bytes.js";
import { type EntryResolver, entryResolverOf, parseLiteral, referencesOf } from "./references.js";
import { MEDICINES, TRAVELLING } from "./resource-types.js";
import type { Category, SensitivityClass } from "./vocabulary.js";
import {
  classesOf,
  isDoubtful,
  labelReasons,
  type SensitivityBasis,
  type SensitivityReason,
  sensitivityReasonsOf,
} from "./sensitivity.js";
import { titleOf } from "./title.js";

/** A resource that may be sensitive, and why it may. */
export interface SensitivityDoubt {
  readonly resource: Resource;
  /** Where it stood in the input, e.g. `Bundle.entry[12].resource (Observation)`. Holds no patient data. */
  readonly place: string;
  readonly reasons: readonly SensitivityReason[];
}

export interface SplitOptions {
  /** A person's word about a doubt: false takes it for ordinary. Without it every doubt counts as sensitive. */
  isSensitive?: (doubt: SensitivityDoubt) => boolean;
}

/** One document-sized part of a patient's data, ready to be sealed. */
export interface FhirRecord {
  readonly category: Category;
  readonly sensitive: boolean;
  /** Which classes of sensitive data it holds; empty unless it is sensitive. */
  readonly sensitivities: readonly SensitivityClass[];
  /** Care that a minor consented to alone, by the label of something in it, or what points at such care. */
  readonly confidential: boolean;
  /** What of it is SENSITIVE only until a person has looked: nothing that was found is certain. */
  readonly doubts: readonly SensitivityDoubt[];
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
 * encounter. Of what is SENSITIVE, medicines and allergies are a record apart. A document Bundle stays whole.
 *
 * Nothing is lost: every resource is in at least one record. Practitioner, Organization, Location, Medication and their
 * like travel with each record that refers to them; one that travels with none gets a record by its own category. No
 * record but a SENSITIVE one holds a sensitive resource: a psychiatrist's PractitionerRole doesn't travel with an
 * ordinary one. References keep pointing at the same fullUrl, in this record or in another.
 *
 * A Patient that is sensitive in some element is there twice: whole among what is SENSITIVE, and without that element, as
 * {@link demographicsOf} leaves it.
 *
 * What is confidential by its label ({@link SensitivityReason.confidential}) lies in records of its own, in whatever category,
 * and with it what points at it or belongs to such an encounter: it would tell.
 *
 * What is inside nested Bundles and Parameters is split like the rest, see {@link unwrap}.
 *
 * @returns records ordered by first appearance; the same input gives the same bytes
 * @example
 * for (const record of splitIntoRecords(await parseFhirFile("bundle.json"))) console.log(record.category)
 */
export function splitIntoRecords(parsed: ParsedFhir, options: SplitOptions = {}): FhirRecord[] {
  if (parsed.bundle?.type === "document" && parsed.text !== undefined)
    return [wholeDocument(parsed, parsed.text, options)];
  const labels = labelReasons(parsed.bundle?.meta);
  const told = unwrap(parsed.entries).flatMap((entry) => {
    const { reasons } = heeding(options, reasonsOf(entry, [...labels, ...entry.around]));
    const demographics = demographicsOf(entry, reasons);
    return [...(demographics ? [{ entry: demographics, reasons: [] }] : []), { entry, reasons }];
  });
  const entries = told.map(({ entry }) => entry);
  const own = told.map(({ reasons }) => reasons);
  const resolve = entryResolverOf(entries);
  const classified = classify(entries, own);
  const travelling = companionsOf(entries, classified, resolve);
  const confidential = confidentialOf(entries, own, resolve);

  const groups = new Map<
    string,
    { category: Category; confidential: boolean; encounter?: string; members: Set<number> }
  >();
  entries.forEach((_, at) => {
    if (travelling.withSomeone.has(at)) return;
    const category = classified[at]?.category ?? "SENSITIVE";
    const encounter = encounterOf(at, entries, resolve);
    // So that a patient can have them shown in an emergency, and nothing of what else is sensitive.
    const isApart = category === "SENSITIVE" && MEDICINES.has(entries[at]!.resource.resourceType);
    const key = `${encounter ?? ""} ${category}${isApart ? " medicines" : ""} ${confidential.has(at)}`;
    const group = groups.get(key) ?? {
      category,
      confidential: confidential.has(at),
      ...(encounter === undefined ? {} : { encounter }),
      members: new Set(),
    };
    group.members.add(at);
    for (const companion of travelling.of(at)) group.members.add(companion);
    groups.set(key, group);
  });

  return [...groups.values()].map(({ category, confidential, encounter, members }) => {
    const positions = [...members].sort((a, b) => a - b);
    const chosen = positions.flatMap((at) => entries[at] ?? []);
    const visit = encounter === undefined ? undefined : resolve(encounter, undefined)[0];
    return {
      ...describe(
        category,
        positions.flatMap((at) => ({ ...entries[at]!, reasons: classified[at]?.reasons ?? [] })),
      ),
      confidential,
      title: titleOf(category, chosen, visit === undefined ? undefined : (entries[visit]?.resource as Encounter)),
      resources: chosen.map(({ resource }) => resource),
      ...(encounter === undefined ? {} : { encounter }),
      bytes: bundleBytes(chosen),
      mediaType: "application/fhir+json",
    };
  });
}

/** Follow from what is decided elsewhere. */
const CONSEQUENCES: ReadonlySet<SensitivityBasis> = new Set(["panel", "reference"]);

function describe(
  category: Category,
  parts: readonly SensitivityDoubt[],
): Pick<FhirRecord, "category" | "sensitive" | "sensitivities" | "doubts"> {
  return {
    category,
    sensitive: category === "SENSITIVE",
    sensitivities: classesOf(parts.flatMap(({ reasons }) => reasons)),
    doubts: parts
      .filter(({ reasons }) => isDoubtful(reasons) && reasons.some(({ basis }) => !CONSEQUENCES.has(basis)))
      .map(({ resource, place, reasons }) => ({ resource, place, reasons })),
  };
}

function reasonsOf({ resource, place }: FhirEntry, around: readonly SensitivityReason[]): SensitivityDoubt {
  return { resource, place, reasons: [...around, ...sensitivityReasonsOf(resource)] };
}

/** Nothing is left of a doubt that a person has taken for ordinary. */
function heeding({ isSensitive }: SplitOptions, found: SensitivityDoubt): SensitivityDoubt {
  return isSensitive && isDoubtful(found.reasons) && !isSensitive(found) ? { ...found, reasons: [] } : found;
}

function wholeDocument(parsed: ParsedFhir, text: string, options: SplitOptions): FhirRecord {
  const resources = parsed.entries.map(({ resource }) => resource);
  const labels = labelReasons(parsed.bundle?.meta);
  const parts = parsed.entries
    .map((entry) => heeding(options, reasonsOf(entry, labels)))
    .filter(({ reasons }) => reasons.length > 0);
  const category = parts.length > 0 ? "SENSITIVE" : ordinaryCategoryOfBundle(resources);
  return {
    ...describe(category, parts),
    confidential: parts.some(({ reasons }) => isConfidential(reasons)),
    title: titleOf(category, parsed.entries),
    resources,
    bytes: new TextEncoder().encode(text),
    mediaType: "application/fhir+json",
  };
}

const isConfidential = (reasons: readonly SensitivityReason[]): boolean =>
  reasons.some(({ confidential }) => confidential === true);

/**
 * The entries that are confidential: by their labels, and whatever points at one that is, over any number of steps; so also all
 * that happened at such an encounter. Everything refers to the patient: that is no reason.
 */
function confidentialOf(
  entries: readonly FhirEntry[],
  own: readonly (readonly SensitivityReason[])[],
  resolve: EntryResolver,
): ReadonlySet<number> {
  const found = new Set([...own.keys()].filter((at) => isConfidential(own[at]!)));
  if (found.size === 0) return found;
  const isPatient = (at: number): boolean => entries[at]?.resource.resourceType === "Patient";
  const pointing = new Map<number, number[]>();
  entries.forEach(({ resource, fullUrl }, from) => {
    if (isPatient(from)) return;
    for (const to of allReferences(resource).flatMap((reference) => resolve(reference, fullUrl)))
      if (!isPatient(to)) pointing.set(to, [...(pointing.get(to) ?? []), from]);
  });
  const queue = [...found];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const from of pointing.get(at) ?? []) {
      if (found.has(from)) continue;
      found.add(from);
      queue.push(from);
    }
  }
  return found;
}

/** Which entries travel, and with whom. What is sensitive travels with what is sensitive alone. */
function companionsOf(
  entries: readonly FhirEntry[],
  classified: readonly Classified[],
  resolve: EntryResolver,
): { withSomeone: ReadonlySet<number>; of: (at: number) => ReadonlySet<number> } {
  const direct = entries.map(({ resource, fullUrl }, from) =>
    referencesOf(resource)
      .flatMap((reference) => resolve(reference, fullUrl))
      .filter((to) => to !== from && TRAVELLING.has(entries[to]?.resource.resourceType ?? "")),
  );
  const isSensitive = (at: number): boolean => classified[at]?.category === "SENSITIVE";
  const reachable = (from: number): Set<number> => {
    const found = new Set<number>();
    const queue = [from];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const to of direct[at] ?? []) {
        if (found.has(to) || (isSensitive(to) && !isSensitive(from))) continue;
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
function encounterOf(at: number, entries: readonly FhirEntry[], resolve: EntryResolver): string | undefined {
  const { resource, fullUrl } = entries[at] ?? {};
  if (!resource) return undefined;
  if (resource.resourceType === "Encounter") return nameOf(at, entries);
  if (resource.resourceType === "Provenance") {
    const targets = (resource.target ?? []).flatMap(({ reference }) =>
      reference === undefined ? [] : resolve(reference, fullUrl),
    );
    const encounters = targets
      .filter((to) => entries[to]?.resource.resourceType !== "Provenance")
      .map((to) => encounterOf(to, entries, resolve));
    const [only, another] = new Set(encounters);
    return another === undefined && encounters.length > 0 ? only : undefined;
  }
  const reference = encounterReference(resource);
  if (reference === undefined) return undefined;
  const [target] = resolve(reference, fullUrl);
  if (target !== undefined) {
    return entries[target]?.resource.resourceType === "Encounter" ? nameOf(target, entries) : undefined;
  }
  // The encounter itself is not in the input; what belongs to it stays together all the same.
  const literal = parseLiteral(reference);
  if (!literal) return reference;
  if (literal.type !== "Encounter") return undefined;
  const base = literal.base === undefined && fullUrl !== undefined ? parseLiteral(fullUrl)?.base : undefined;
  return base === undefined ? reference : `${base}/${reference}`;
}

function nameOf(at: number, entries: readonly FhirEntry[]): string {
  const entry = entries[at];
  return entry?.fullUrl ?? `Encounter/${entry?.resource.id ?? String(at)}`;
}
