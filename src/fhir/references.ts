import type { Resource } from "@medplum/fhirtypes";
import type { FhirEntry } from "./parsed.js";
import { isResourceType } from "./resource-types.js";

/** Parts of a literal reference to a resource. */
export interface LiteralReference {
  type: string;
  id: string;
  /** The server, for an absolute URL. */
  base?: string;
}

const LITERAL = /^(?:(https?:\/\/.+)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const ANY_LITERAL = /^(?:(https?:\/\/[^?#\s]+)\/)?([A-Za-z]+)\/([^/?#\s]+)(?:\/_history\/[^/?#\s]+)?$/;
const CONDITIONAL = /^(?:(https?:\/\/[^?#\s]+)\/)?([A-Z][A-Za-z]+)\?([^#]+)$/;

/**
 * Reads `Type/id`, `http://server/Type/id` or either with `/_history/…`.
 * Source: https://hl7.org/fhir/R4/references.html#literal
 *
 * @returns undefined for anything else (urn:uuid, fragment, search)
 * @example
 * parseLiteral("Patient/1/_history/2") // { type: "Patient", id: "1" }
 */
export function parseLiteral(reference: string): LiteralReference | undefined {
  const match = LITERAL.exec(reference);
  if (!match) return undefined;
  const [, base, type, id] = match as unknown as [string, string | undefined, string, string];
  return base === undefined ? { type, id } : { type, id, base };
}

/**
 * Like {@link parseLiteral}, for an id with signs that R4 doesn't allow in one: two such ids can be compared, though
 * neither is right.
 *
 * @example
 * parseAnyLiteral("Patient/a_1") // { type: "Patient", id: "a_1" }
 */
export function parseAnyLiteral(reference: string): LiteralReference | undefined {
  const [, base, type, id] = ANY_LITERAL.exec(reference) ?? [];
  if (id === undefined || !isResourceType(type)) return undefined;
  return base === undefined ? { type, id } : { type, id, base };
}

/** A search that a transaction uses as a reference. */
export interface ConditionalReference {
  type: string;
  base?: string;
  /** The parameters in their order, with modifiers: `["identifier", "system|value"]`. */
  parameters: readonly (readonly [name: string, value: string])[];
}

/**
 * Reads a conditional reference of a transaction, `Practitioner?identifier=system|value`.
 * Source: https://hl7.org/fhir/R4/http.html#trules
 *
 * @returns undefined for anything else
 * @example
 * parseConditional("Patient?_id=7") // { type: "Patient", parameters: [["_id", "7"]] }
 */
export function parseConditional(reference: string): ConditionalReference | undefined {
  const [, base, type, query] = CONDITIONAL.exec(reference) ?? [];
  if (type === undefined || query === undefined) return undefined;
  const parameters = query.split("&").map((pair): [string, string] => {
    const [name = "", ...value] = pair.split("=");
    return [decodeLoosely(name), decodeLoosely(value.join("="))];
  });
  return { type, ...(base === undefined ? {} : { base }), parameters };
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Every reference in a resource: `Reference.reference`, and `url` of attachments, through which Binary is referred to.
 *
 * @example
 * referencesOf(observation) // ["Patient/1", "Encounter/7"]
 */
export function referencesOf(resource: Resource): string[] {
  const found = new Set<string>();
  visit(resource, (key, value) => {
    if (typeof value === "string" && (key === "reference" || key === "url")) found.add(value);
  });
  return [...found];
}

/** Calls `see` for every property at any depth. Depth is bounded by the parser. */
export function visit(node: unknown, see: (key: string, value: unknown, owner: object) => void): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) visit(item, see);
    return;
  }
  for (const [key, value] of Object.entries(node)) {
    see(key, value, node);
    visit(value, see);
  }
}

/** Finds the entries that a reference names; several when a resource is there in several versions. */
export type Resolver = (reference: string) => readonly number[];

/**
 * Builds the index of an input: by fullUrl, by `Type/id`, and by identifier for conditional references.
 *
 * @returns a function from reference to entry positions (empty when the reference leads outside)
 * @example
 * resolverOf(parsed.entries)("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0") // [4]
 */
export function resolverOf(entries: readonly FhirEntry[]): Resolver {
  const resolve = entryResolverOf(entries);
  return (reference) => resolve(reference, undefined);
}

/**
 * Like {@link Resolver}, with the `fullUrl` of the entry that refers: a relative reference means the server that its
 * entry came from. Where that is not known, it means every resource of that id.
 *
 * Source: https://hl7.org/fhir/R4/bundle.html#references
 */
export type EntryResolver = (reference: string, from: string | undefined) => readonly number[];

/** Builds the same index as {@link resolverOf}. */
export function entryResolverOf(entries: readonly FhirEntry[]): EntryResolver {
  const named = new Map<string, number[]>();
  const onAnyServer = new Map<string, number[]>();
  const add = (index: Map<string, number[]>, name: string, at: number): void => {
    const list = index.get(name);
    if (!list) index.set(name, [at]);
    else if (!list.includes(at)) list.push(at);
  };
  entries.forEach(({ resource, fullUrl }, at) => {
    const fromUrl = fullUrl === undefined ? undefined : parseLiteral(fullUrl);
    if (fullUrl !== undefined) add(named, withoutVersion(fullUrl), at);
    if (fromUrl) add(onAnyServer, `${fromUrl.type}/${fromUrl.id}`, at);
    if (resource.id !== undefined) {
      const name = `${resource.resourceType}/${resource.id}`;
      add(onAnyServer, name, at);
      if (fromUrl?.base === undefined) add(named, name, at);
    }
    for (const token of identifierTokens(resource)) add(named, `${resource.resourceType}?${token}`, at);
  });
  return (reference, from) => {
    const literal = parseLiteral(reference);
    if (literal) {
      const name = `${literal.type}/${literal.id}`;
      const base = literal.base ?? (from === undefined ? undefined : parseLiteral(from)?.base);
      if (base === undefined) return onAnyServer.get(name) ?? [];
      return named.get(`${base}/${name}`) ?? named.get(name) ?? [];
    }
    const exact = named.get(reference);
    if (exact) return exact;
    const { type = "", parameters = [] } = parseConditional(reference) ?? {};
    const token = parameters.find(([name]) => name === "identifier")?.[1];
    return (token !== undefined && named.get(`${type}?${token}`)) || [];
  };
}

const withoutVersion = (url: string): string => url.replace(/\/_history\/[^/]*$/, "");

/** The identifiers of a resource as search tokens: `system|value`, and the bare value. */
export function identifierTokens(resource: Resource): string[] {
  const identifiers = (resource as { identifier?: unknown }).identifier;
  const list: unknown[] = Array.isArray(identifiers) ? identifiers : identifiers === undefined ? [] : [identifiers];
  return list.flatMap((item) => {
    const { system, value } = (item ?? {}) as { system?: unknown; value?: unknown };
    if (typeof value !== "string") return [];
    return typeof system === "string" ? [`${system}|${value}`, value] : [value];
  });
}
