import type { Resource } from "@medplum/fhirtypes";
import type { FhirEntry } from "./parsed.js";

/** Parts of a literal reference to a resource. */
export interface LiteralReference {
  type: string;
  id: string;
  /** The server, for an absolute URL. */
  base?: string;
}

const LITERAL = /^(?:(https?:\/\/.+)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?(?:.*&)?identifier=([^&]+)/;

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
 * Reads a conditional reference of a transaction, `Practitioner?identifier=system|value`.
 * Source: https://hl7.org/fhir/R4/http.html#trules
 */
export function parseConditional(reference: string): { type: string; token: string } | undefined {
  const match = CONDITIONAL.exec(reference);
  if (!match) return undefined;
  const [, type, token] = match as unknown as [string, string, string];
  return { type, token: decodeLoosely(token) };
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
  const index = new Map<string, number[]>();
  const add = (name: string, at: number): void => {
    const list = index.get(name);
    if (!list) index.set(name, [at]);
    else if (!list.includes(at)) list.push(at);
  };
  entries.forEach(({ resource, fullUrl }, at) => {
    if (fullUrl !== undefined) add(fullUrl, at);
    const fromUrl = fullUrl === undefined ? undefined : parseLiteral(fullUrl);
    if (fromUrl) add(`${fromUrl.type}/${fromUrl.id}`, at);
    if (resource.id !== undefined) add(`${resource.resourceType}/${resource.id}`, at);
    for (const token of identifierTokens(resource)) add(`${resource.resourceType}?${token}`, at);
  });
  return (reference) => {
    const exact = index.get(reference);
    if (exact) return exact;
    const literal = parseLiteral(reference);
    if (literal) {
      const withoutVersion = reference.replace(/\/_history\/.*$/, "");
      return index.get(withoutVersion) ?? index.get(`${literal.type}/${literal.id}`) ?? [];
    }
    const conditional = parseConditional(reference);
    return (conditional && index.get(`${conditional.type}?${conditional.token}`)) ?? [];
  };
}

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
