import type { FhirEntry } from "./parsed.js";

/**
 * The bytes of a record: a FHIR Bundle of type collection in UTF-8, each resource in the very text it was written in.
 *
 * The same entries give the same bytes. Transport parts (request, response, search) are left out: they say what was
 * done with an entry, not what it holds.
 * Source: https://hl7.org/fhir/R4/bundle.html
 *
 * @example
 * const bytes = bundleBytes(entries) // {"resourceType":"Bundle","type":"collection","entry":[…]}
 */
export function bundleBytes(entries: readonly Pick<FhirEntry, "fullUrl" | "json">[]): Uint8Array {
  return new TextEncoder().encode(`{"resourceType":"Bundle","type":"collection","entry":[${entriesJson(entries)}]}`);
}

/** The members of `Bundle.entry`, without the brackets. */
export function entriesJson(entries: readonly Pick<FhirEntry, "fullUrl" | "json">[]): string {
  return entries
    .map(
      ({ fullUrl, json }) =>
        `{${fullUrl === undefined ? "" : `"fullUrl":${JSON.stringify(fullUrl)},`}"resource":${json}}`,
    )
    .join(",");
}
