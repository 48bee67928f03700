import type { Resource } from "@medplum/fhirtypes";
import type { FhirEntry } from "./parsed.js";
import { joinPlace } from "./place.js";

/** A resource of an input, however deep it stands, with what its references are relative to. */
export interface Scope {
  resource: Resource;
  /** The resource that fragments (`#id`) lead into: itself, or the one that contains it. */
  container: Resource;
  isContained: boolean;
  /** `Bundle.entry.fullUrl` of the resource, or of what it stands in. */
  fullUrl?: string;
  place: string;
  file: string;
}

/**
 * Every resource of an input: entries, contained ones, those inside Parameters, and those of Bundles that are themselves
 * an entry.
 *
 * Source: https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/parameters.html
 *
 * @example
 * scopesOf(parsed.entries).filter(({ isContained }) => isContained).length
 */
export function scopesOf(entries: readonly FhirEntry[]): Scope[] {
  const scopes: Scope[] = [];
  for (const { resource, fullUrl, place, file } of entries) {
    walk({ resource, container: resource, isContained: false, ...url(fullUrl), place, file }, scopes);
  }
  return scopes;
}

const url = (fullUrl: unknown): { fullUrl?: string } => (typeof fullUrl === "string" ? { fullUrl } : {});

function walk(scope: Scope, into: Scope[]): void {
  into.push(scope);
  const { resource, container, place, file } = scope;
  const look = (node: unknown, path: string, isContained: boolean, fullUrl: string | undefined): void => {
    if (Array.isArray(node)) {
      node.forEach((item, at) => look(item, `${path}[${at}]`, isContained, fullUrl));
      return;
    }
    if (typeof node !== "object" || node === null) return;
    if (isResource(node)) {
      const inner = `${joinPlace(place, path)} (${node.resourceType})`;
      walk(
        {
          resource: node,
          container: isContained ? container : node,
          isContained,
          ...url(fullUrl),
          place: inner,
          file,
        },
        into,
      );
      return;
    }
    lookInside(node, path, fullUrl);
  };
  const lookInside = (node: object, path: string, fullUrl: string | undefined): void => {
    const isEntry = resource.resourceType === "Bundle" && /^entry\[\d+\]$/.test(path);
    const base = isEntry ? (node as { fullUrl?: string }).fullUrl : fullUrl;
    for (const [key, value] of Object.entries(node)) {
      look(value, path === "" ? key : `${path}.${key}`, path === "" && key === "contained", base);
    }
  };
  lookInside(resource, "", scope.fullUrl);
}

function isResource(node: object): node is Resource {
  return typeof (node as { resourceType?: unknown }).resourceType === "string";
}
