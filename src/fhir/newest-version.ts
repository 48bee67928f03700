import type { CodeableConcept, Identifier, Reference, Resource } from "@medplum/fhirtypes";
import { deletedBy } from "./deletion.js";
import type { FhirEntry } from "./parsed.js";
import { parseConditional, parseLiteral } from "./references.js";
import { dayOf, mainConceptOf } from "./summary-label.js";

/** The versions of one resource. */
interface Versions<T> {
  /** `https://server/Type/id`, `Type/id`, or what else names it. */
  name: string;
  /** `Type/id` where it has an id. */
  local?: string;
  newest: T;
  /** Position of the first of them. */
  first: number;
}

/** An entry and its position among all that were given. */
interface Placed<T> {
  entry: T;
  at: number;
}

/**
 * Each resource once, in its newest version, without those that their source has deleted since.
 *
 * What has the same URL is one resource. Without a server's name the same `Type/id` is one resource only where nothing
 * contradicts: two servers count from 1, and to drop the allergy of one as the older version of the other's would be
 * worse than to show both. What is named otherwise in each input (a converter makes new UUIDs each time) is one resource
 * by its business identifier, where what it is about and its day are the same, too. Newest is: the later `meta.lastUpdated`, else the higher `meta.versionId`, else what stands
 * first in the same file (a history gives the newest first), else what comes later.
 *
 * Sources: https://hl7.org/fhir/R4/http.html#history, https://hl7.org/fhir/R4/resource.html#Meta
 *
 * @param entries in the order in which they were recorded; `file` tells records apart
 * @example
 * newestVersions([...old.entries, ...new.entries]).length
 */
export function newestVersions<T extends FhirEntry>(entries: readonly T[]): T[] {
  const placed = entries.map((entry, at) => ({ entry, at }));
  const groups = groupsOf(placed.filter(({ entry }) => deletedBy(entry.resource).length === 0));
  const deleted = new Set<Versions<Placed<T>>>();
  for (const deletion of placed) {
    for (const reference of deletedBy(deletion.entry.resource)) {
      const group = namedBy(reference, groups);
      if (group && isDeletedSince(group.newest.entry.resource, deletion.entry.resource)) deleted.add(group);
    }
  }
  return groups.filter((group) => !deleted.has(group)).map(({ newest }) => newest.entry);
}

function groupsOf<T extends FhirEntry>(placed: readonly Placed<T>[]): Versions<Placed<T>>[] {
  const byName = new Map<string, Versions<Placed<T>>[]>();
  const add = (one: Versions<Placed<T>>): void => {
    const known = byName.get(one.name) ?? [];
    const alike = known.filter(({ newest }) => isAbsolute(one.name) || canBeSame(newest, one.newest));
    // What is empty could be a version of either of two.
    const same = alike.length > 1 && isEmptyMistake(one.newest.entry.resource) ? undefined : alike[0];
    if (!same) byName.set(one.name, [...known, one]);
    else {
      same.first = Math.min(same.first, one.first);
      if (isNewer(one.newest, same.newest)) same.newest = one.newest;
    }
  };
  const isEmpty = ({ entry }: Placed<T>): number => Number(isEmptyMistake(entry.resource));
  const versions = [...placed]
    .sort((a, b) => isEmpty(a) - isEmpty(b))
    .map((newest) => ({ ...namesOf(newest.entry), newest, first: newest.at }));
  versions.filter(({ name }) => isAbsolute(name)).forEach(add);
  const onServers = new Map<string, Versions<Placed<T>>[]>();
  for (const group of [...byName.values()].flat()) {
    if (group.local !== undefined) onServers.set(group.local, [...(onServers.get(group.local) ?? []), group]);
  }
  for (const one of versions.filter(({ name }) => !isAbsolute(name))) {
    const [group, another] = onServers.get(one.name) ?? [];
    const joins = group !== undefined && another === undefined && canBeSame(group.newest, one.newest);
    add(joins ? { ...one, name: group.name } : one);
  }
  return byIdentifier([...byName.values()].flat().sort((a, b) => a.first - b.first));
}

/** Joins what has one business identifier: https://hl7.org/fhir/R4/resource.html#identifiers */
function byIdentifier<T extends FhirEntry>(groups: readonly Versions<Placed<T>>[]): Versions<Placed<T>>[] {
  const byKey = new Map<string, Versions<Placed<T>>>();
  return groups.filter((one) => {
    const keys = businessKeysOf(one.newest.entry.resource);
    const same = keys.flatMap((key) => byKey.get(key) ?? [])[0];
    // What one input or one server tells apart is not one.
    if (same && same.newest.entry.file !== one.newest.entry.file && !areApart(same.name, one.name)) {
      if (isNewer(one.newest, same.newest)) same.newest = one.newest;
      return false;
    }
    for (const key of keys) byKey.set(key, one);
    return true;
  });
}

const areApart = (one: string, other: string): boolean => {
  const [ours, theirs] = [parseLiteral(one), parseLiteral(other)];
  return ours !== undefined && theirs !== undefined && ours.base === theirs.base && ours.id !== theirs.id;
};

function businessKeysOf(resource: Resource): string[] {
  if (resource.resourceType === "Patient") return [];
  const identifiers = identifiersOf(resource).filter(
    ({ system, value }) => system !== undefined && value !== undefined,
  );
  const about = `${resource.resourceType} ${dayOf(resource) ?? ""}`;
  return identifiers.flatMap(({ system, value }) =>
    conceptMarks(resource).map((mark) => JSON.stringify([about, system, value, mark])),
  );
}

const isAbsolute = (name: string): boolean => /^https?:/.test(name);

function namesOf({ resource, fullUrl, json }: FhirEntry): { name: string; local?: string } {
  const literal = fullUrl === undefined ? undefined : parseLiteral(fullUrl);
  if (literal?.base !== undefined) {
    const local = `${literal.type}/${literal.id}`;
    return { name: `${literal.base}/${local}`, local };
  }
  if (resource.id === undefined) return { name: fullUrl ?? json };
  const local = `${resource.resourceType}/${resource.id}`;
  return { name: local, local };
}

/** A name that nobody else gives: a UUID or as long as one. */
const UNIQUE = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/i;

/** Whether two resources of one type and id can be versions of one another. */
function canBeSame(
  { entry: { resource: one } }: Placed<FhirEntry>,
  { entry: { resource: other } }: Placed<FhirEntry>,
): boolean {
  if (one.resourceType === "Patient" || (one.id !== undefined && one.id === other.id && UNIQUE.test(one.id)))
    return true;
  if (isEmptyMistake(one) || isEmptyMistake(other)) return subjectOf(one) === subjectOf(other);
  const [ours, theirs] = [marksOf(one), marksOf(other)];
  if (ours.length === 0 || theirs.length === 0) return ours.length === theirs.length;
  return ours.some((mark) => theirs.includes(mark));
}

/** Many a source takes the content out of what was entered in error. */
function isEmptyMistake(resource: Resource): boolean {
  if (marksOf(resource).length > 0) return false;
  const { status, verificationStatus } = resource as { status?: string; verificationStatus?: CodeableConcept };
  return [status, ...(verificationStatus?.coding ?? []).map(({ code }) => code)].includes("entered-in-error");
}

function subjectOf(resource: Resource): string | undefined {
  const { subject, patient } = resource as { subject?: Reference; patient?: Reference };
  return (subject ?? patient)?.reference;
}

/** What hardly changes from version to version: identifiers, and what it is about. */
function marksOf(resource: Resource): string[] {
  return [
    ...identifiersOf(resource).flatMap(({ system, value }) =>
      value === undefined ? [] : [`${system ?? ""}|${value}`],
    ),
    ...conceptMarks(resource),
  ];
}

function identifiersOf(resource: Resource): Identifier[] {
  const { identifier } = resource as { identifier?: Identifier | Identifier[] };
  return [identifier ?? []].flat();
}

function conceptMarks(resource: Resource): string[] {
  const { coding = [], text } = mainConceptOf(resource) ?? {};
  return [
    ...coding.flatMap(({ system, code }) => (code === undefined ? [] : [`${system ?? ""}#${code}`])),
    ...(text === undefined ? [] : [text.trim().toLowerCase()]),
  ];
}

function namedBy<T extends FhirEntry>(
  reference: string,
  groups: readonly Versions<Placed<T>>[],
): Versions<Placed<T>> | undefined {
  const literal = parseLiteral(reference);
  if (!literal) return groups.find(({ name }) => name === reference) ?? foundBy(reference, groups);
  const local = `${literal.type}/${literal.id}`;
  const exact = literal.base === undefined ? undefined : groups.find(({ name }) => name === `${literal.base}/${local}`);
  if (exact) return exact;
  const alike = groups.filter((group) => group.local === local);
  const [only, another] = literal.base === undefined ? alike : alike.filter(({ name }) => !isAbsolute(name));
  return another === undefined ? only : undefined;
}

/** What a conditional deletion names by its identifier, if it is one resource. */
function foundBy<T extends FhirEntry>(
  reference: string,
  groups: readonly Versions<Placed<T>>[],
): Versions<Placed<T>> | undefined {
  const { type, parameters: [parameter, more] = [] } = parseConditional(reference) ?? {};
  const [name, token = ""] = parameter ?? [];
  if (name !== "identifier" || more !== undefined || token === "") return undefined;
  const [only, another] = groups.filter(({ newest: { entry } }) => {
    const tokens = identifiersOf(entry.resource).flatMap(({ system, value = "" }) => [
      `${system ?? ""}|${value}`,
      value,
    ]);
    return entry.resource.resourceType === type && tokens.includes(token);
  });
  return another === undefined ? only : undefined;
}

/** Without both times the source's word that it took the resource back stands. */
function isDeletedSince(resource: Resource, deletion: Resource): boolean {
  const [time, deleted] = [timeOf(resource), timeOf(deletion)];
  return time === undefined || deleted === undefined || deleted >= time;
}

function isNewer<T extends FhirEntry>(one: Placed<T>, other: Placed<T>): boolean {
  const [ours, theirs] = [timeOf(one.entry.resource), timeOf(other.entry.resource)];
  if (ours !== undefined && theirs !== undefined && ours !== theirs) return ours > theirs;
  const [version, known] = [versionOf(one.entry.resource), versionOf(other.entry.resource)];
  if (version !== undefined && known !== undefined && version !== known) return version > known;
  return one.entry.file === other.entry.file ? one.at < other.at : one.at > other.at;
}

function timeOf(resource: Resource): number | undefined {
  const given =
    resource.resourceType === "Provenance"
      ? ((resource.recorded as string | undefined) ?? resource.occurredPeriod?.start)
      : resource.meta?.lastUpdated;
  const time = Date.parse(given ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function versionOf({ meta }: Resource): number | undefined {
  return meta?.versionId !== undefined && /^\d{1,15}$/.test(meta.versionId) ? Number(meta.versionId) : undefined;
}
