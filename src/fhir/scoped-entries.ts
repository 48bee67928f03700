import type { Resource } from "@medplum/fhirtypes";
import type { FhirEntry } from "./parsed.js";
import { entryResolverOf, parseLiteral } from "./references.js";

/** What tells the resources of one source from those of the others. */
export interface SourceScope {
  /** An `https://` URL without a slash at its end: what stands before the source's own names. */
  base: string;
  /** A `urn:uuid:` for a name that is no URL; the same for the same name, and for no other source's. */
  uuidOf: (name: string) => string;
}

/** An entry as it stands in a Bundle beside those of other sources. */
export interface ScopedEntry {
  fullUrl: string;
  resource: Resource;
  /** The resource's text; references apart, as it was written. */
  json: string;
}

/**
 * Entries of one record, named so that they can stand in one Bundle with those of other sources: two hospitals both count
 * from 1, and one person's file may have come to both with the same UUIDs.
 *
 * | A name in the source | becomes |
 * |---|---|
 * | `Patient/1`, of an entry without a server | `{base}/fhir/Patient/1`; the reference stays `Patient/1`, which means that |
 * | `https://host/path/Patient/1` | `{base}/https/host/path/Patient/1` |
 * | `urn:uuid:…`, `urn:oid:…` | `uuidOf` of it |
 * | a fragment, a search | stays |
 *
 * A name is changed the same way whether what it names is among these entries or not, so that records of one source find each
 * other without being looked at together, and what leads outside still says where.
 *
 * Source: https://hl7.org/fhir/R4/bundle.html#references
 *
 * @param entries of one record
 * @param record a name of the record's own, for entries that have neither `fullUrl` nor `id`
 * @example
 * inScope(readFhirJson(bytes, "record").entries, { base: "https://participant-4.chartchain.invalid", uuidOf }, digest)
 */
export function inScope(entries: readonly FhirEntry[], scope: SourceScope, record: string): ScopedEntry[] {
  const resolve = entryResolverOf(entries);
  const urls = entries.map((entry, at) => urlOf(entry, scope, `${record}#${at}`));
  return entries.map((entry, at) => {
    const own = serverOf(urls[at]!);
    const rename = (reference: string): string => {
      const literal = parseLiteral(reference);
      if (literal === undefined && !URN.test(reference)) return reference;
      const [found] = resolve(reference, entry.fullUrl);
      const base = literal?.base ?? serverOf(entry.fullUrl ?? "");
      const target =
        found !== undefined
          ? urls[found]!
          : literal === undefined
            ? scope.uuidOf(reference)
            : `${baseIn(scope, base)}/${literal.type}/${literal.id}`;
      const isRelative = literal !== undefined && literal.base === undefined;
      if (isRelative && target === `${own}/${literal.type}/${literal.id}`) return reference;
      const version = target.startsWith("urn:") ? "" : (/\/_history\/[^/]+$/.exec(reference)?.[0] ?? "");
      return `${target}${version}`;
    };
    return { fullUrl: urls[at]!, resource: entry.resource, json: withReferences(entry.json, rename) };
  });
}

/**
 * The same entry under a name of its own, beside another one of its name: what it refers to is named in full.
 *
 * @param fullUrl a `urn:uuid:`
 */
export function renamed({ fullUrl: former, resource, json }: ScopedEntry, fullUrl: string): ScopedEntry {
  const server = serverOf(former);
  const rename = (reference: string): string => {
    const literal = parseLiteral(reference);
    return literal === undefined || literal.base !== undefined || server === undefined
      ? reference
      : `${server}/${reference}`;
  };
  return { fullUrl, resource, json: withReferences(json, rename) };
}

const URN = /^urn:(uuid|oid):/i;

/** Of R4's `id`. */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

function urlOf({ fullUrl, resource }: FhirEntry, scope: SourceScope, unnamed: string): string {
  const literal = fullUrl === undefined || /\s/.test(fullUrl) ? undefined : parseLiteral(fullUrl);
  if (literal !== undefined) return `${baseIn(scope, literal.base)}/${literal.type}/${literal.id}`;
  if (fullUrl !== undefined) return scope.uuidOf(fullUrl);
  const { resourceType, id } = resource;
  return id !== undefined && ID.test(id) ? `${baseIn(scope, undefined)}/${resourceType}/${id}` : scope.uuidOf(unnamed);
}

const baseIn = ({ base }: SourceScope, server: string | undefined): string =>
  server === undefined ? `${base}/fhir` : `${base}/${server.replace("://", "/")}`;

/** The server of a RESTful URL; undefined for any other name. */
const serverOf = (url: string): string | undefined => parseLiteral(url)?.base;

/**
 * A resource's text with other references. Everything else stays as it was written: numbers, spaces, the order of members.
 *
 * @param json good JSON
 */
function withReferences(json: string, rename: (reference: string) => string): string {
  const parts: string[] = [];
  let [copied, at] = [0, json.indexOf('"')];
  while (at !== -1) {
    let end = endOfText(json, at);
    const colon = skipSpace(json, end);
    if (json[colon] === ":") {
      const value = skipSpace(json, colon + 1);
      const name = json.slice(at, end);
      end = value;
      if (json[value] === '"') {
        end = endOfText(json, value);
        const reference = name === '"reference"' || name === '"url"' ? json.slice(value, end) : undefined;
        const changed = reference === undefined ? undefined : renamedText(name, reference, rename);
        if (changed !== undefined) {
          parts.push(json.slice(copied, value), changed);
          copied = end;
        }
      }
    }
    at = json.indexOf('"', end);
  }
  return copied === 0 ? json : [...parts, json.slice(copied)].join("");
}

/** What stands in quotes instead; undefined for the same. Of a `url`, an Attachment's is a reference if it names a Binary. */
function renamedText(name: string, quoted: string, rename: (reference: string) => string): string | undefined {
  const reference = JSON.parse(quoted) as string;
  if (name === '"url"' && parseLiteral(reference)?.type !== "Binary") return undefined;
  const changed = rename(reference);
  return changed === reference ? undefined : JSON.stringify(changed);
}

/** The offset behind a text that begins with a quote. Large attachments are one text: no regular expression. */
function endOfText(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); ; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (" \n\r\t".includes(json[at] ?? "x")) at++;
  return at;
}
