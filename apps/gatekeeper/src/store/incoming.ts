import { createHash } from "node:crypto";
import type { Resource } from "@medplum/fhirtypes";
import {
  deletedBy,
  entryResolverOf,
  type FhirEntry,
  parseLiteral,
  type ParsedFhir,
  unwrap,
  type UnwrappedEntry,
} from "chartchain/fhir";
import { type Content, contentOf, jsonOf } from "./content.js";
import { type Exact, readExact } from "./exact-json.js";

/** A resource of one patient, as the store names it. */
export interface Member extends Content {
  /** How its source called it, where that isn't `Type/id`. */
  name: string | null;
  /** Labels of what stood around it, see {@link VersionTable}. */
  labels: string;
  sourceUpdated: number | null;
  /** The resource as the store keeps it, without versions. */
  json: string;
  resource: Resource;
}

/** What an import brings. */
export interface Incoming {
  /** Each resource once, in its newest version. */
  members: Member[];
  /** `Type/id` of what the source has deleted, and not created anew since. */
  deleted: ReadonlySet<string>;
}

/**
 * Reads an import as the store keeps it: each resource with an id of its own (its own, that of its `urn:uuid:`, or one made of
 * what it says), and each reference to a resource of the same patient as `Type/id`, as a server does with a transaction.
 * A document stays one Bundle. What a server answered beside data (OperationOutcome) is no data.
 *
 * @param known what the store has of that patient
 */
export function incomingOf(parsed: ParsedFhir, known: readonly Member[]): Incoming {
  const isDocument = parsed.bundle?.type === "document" && parsed.text !== undefined;
  const all = isDocument ? [wholeDocument(parsed)] : unwrapped(parsed);
  const entries = all.filter(({ resource }) => {
    return resource.resourceType !== "OperationOutcome" && deletedBy(resource).length === 0;
  });
  const ids = idsOf(entries, known);
  const names = [
    ...known.map(({ type, id }) => `${type}/${id}`),
    ...entries.map(({ resource }, at) => `${resource.resourceType}/${ids[at]!}`),
  ];
  const resolve = entryResolverOf([...known.map(entryOf), ...entries]);
  const localName = (reference: string, from: string | undefined): string | undefined => {
    const [found] = resolve(reference, from);
    return found === undefined ? undefined : names[found];
  };
  const newest = new Map<string, { member: Member; entry: UnwrappedEntry }>();
  entries.forEach((entry, at) => {
    const tree = readExact(entry.json) as Record<string, Exact>;
    if (!isDocument) rename(tree, (reference) => renamed(reference, entry.fullUrl, localName));
    const content = contentOf(ids[at]!, tree);
    const json = jsonOf(content);
    const member = {
      ...content,
      name: nameOf(entry, content),
      labels: labelsOf(entry),
      sourceUpdated: timeOf(entry.resource),
      json,
      resource: JSON.parse(json) as Resource,
    };
    const key = `${member.type}/${member.id}`;
    const other = newest.get(key);
    if (other === undefined || isNewer(entry, other.entry)) newest.set(key, { member, entry });
  });
  const deleted = all.flatMap(({ resource, fullUrl }) =>
    deletedBy(resource).flatMap((reference) => {
      const name = localName(reference, fullUrl);
      const time = Date.parse((resource as { recorded?: string }).recorded ?? "");
      const since = name === undefined ? undefined : newest.get(name)?.member.sourceUpdated;
      return name === undefined || (since ?? Number.NaN) > time ? [] : [name];
    }),
  );
  return { members: [...newest.values()].map(({ member }) => member), deleted: new Set(deleted) };
}

const entryOf = ({ resource, json, name }: Member): FhirEntry => ({
  resource,
  json,
  place: resource.resourceType,
  file: "",
  ...(name === null ? {} : { fullUrl: name }),
});

function wholeDocument({ bundle, text, file }: ParsedFhir): UnwrappedEntry {
  return { resource: bundle!, json: text!, place: "Bundle", file, around: [] };
}

/** All resources with the labels of what stands around them, the Bundle of the import included. */
function unwrapped({ bundle, entries, file }: ParsedFhir): UnwrappedEntry[] {
  if (bundle?.meta === undefined) return unwrap(entries);
  const list = entries.map(({ resource, fullUrl }) => ({ resource, ...(fullUrl === undefined ? {} : { fullUrl }) }));
  const texts = entries.map(({ json }) => `{"resource":${json}}`).join(",");
  const around = { resourceType: "Bundle", type: "collection", meta: bundle.meta, entry: list } as Resource;
  return unwrap([{ resource: around, json: `{"entry":[${texts}]}`, place: "Bundle", file }]);
}

/** Of R4's `id`. */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Ids for the entries. Two servers both count from 1: of two names with one `Type/id` the later gets another id. */
function idsOf(entries: readonly UnwrappedEntry[], known: readonly Member[]): string[] {
  const byName = new Map<string, string>();
  const holders = new Map<string, string | undefined>();
  for (const { type, id, name } of known) {
    if (name !== null) byName.set(`${type} ${name}`, id);
    holders.set(`${type}/${id}`, name ?? undefined);
  }
  return entries.map(({ resource, fullUrl, json }) => {
    const type = resource.resourceType;
    const name = fullUrl?.replace(/\/_history\/[^/]*$/, "");
    const same = name === undefined ? undefined : byName.get(`${type} ${name}`);
    if (same !== undefined) return same;
    const wanted = ownId(resource, name) ?? digest(json);
    const isTaken = holders.has(`${type}/${wanted}`) && areApart(holders.get(`${type}/${wanted}`), name);
    const id = isTaken ? digest(name!) : wanted;
    if (name !== undefined) byName.set(`${type} ${name}`, id);
    holders.set(`${type}/${id}`, name);
    return id;
  });
}

function ownId({ id }: Resource, name: string | undefined): string | undefined {
  const ofName = name === undefined ? undefined : (parseLiteral(name)?.id ?? /^urn:uuid:(.+)$/i.exec(name)?.[1]);
  return [id, ofName].find((one) => one !== undefined && ID.test(one));
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 40);

/** Whether two names are of two servers. */
function areApart(one: string | undefined, other: string | undefined): boolean {
  const [ours, theirs] = [one, other].map((name) => (name === undefined ? undefined : parseLiteral(name)?.base));
  return ours !== undefined && theirs !== undefined && ours !== theirs;
}

function nameOf({ fullUrl }: FhirEntry, { type, id }: Content): string | null {
  const name = fullUrl?.replace(/\/_history\/[^/]*$/, "");
  return name === undefined || name === `${type}/${id}` ? null : name;
}

/** Labels of which the library makes the same reasons again. */
function labelsOf({ around }: UnwrappedEntry): string {
  const codes = around.flatMap(({ sensitivity, confidential }) => [
    sensitivity === "OTHER" ? "R" : sensitivity,
    ...(confidential === true ? ["ADOL"] : []),
  ]);
  return [...new Set(codes)].sort().join(" ");
}

function timeOf({ meta }: Resource): number | null {
  const time = Date.parse(meta?.lastUpdated ?? "");
  return Number.isNaN(time) ? null : time;
}

/** Later by its time, else by its number; else what stands first in one file, and last among several. */
function isNewer(one: FhirEntry, other: FhirEntry): boolean {
  const [ours, theirs] = [timeOf(one.resource), timeOf(other.resource)];
  if (ours !== null && theirs !== null && ours !== theirs) return ours > theirs;
  const [version, known] = [one, other].map(({ resource }) => Number(resource.meta?.versionId ?? Number.NaN));
  if (version! > known!) return true;
  return !(version! < known!) && one.file !== other.file;
}

/** Changes references in place: `reference` anywhere, and the `url` of an attachment that names a Binary. */
function rename(node: Exact, of: (reference: string) => string): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node as Exact[]) rename(item, of);
    return;
  }
  const members = node as Record<string, Exact>;
  for (const [key, value] of Object.entries(members)) {
    if (typeof value !== "string") rename(value, of);
    else if (key === "reference" || (key === "url" && (parseLiteral(value)?.type === "Binary" || URN.test(value))))
      members[key] = of(value);
  }
}

const URN = /^urn:uuid:/i;

function renamed(
  reference: string,
  from: string | undefined,
  localName: (reference: string, from: string | undefined) => string | undefined,
): string {
  if (reference.startsWith("#")) return reference;
  const found = localName(reference, from);
  if (found !== undefined) return found;
  const literal = parseLiteral(reference);
  const base = from === undefined ? undefined : parseLiteral(from)?.base;
  // Of the same server, and not here yet.
  return literal?.base !== undefined && literal.base === base ? `${literal.type}/${literal.id}` : reference;
}
