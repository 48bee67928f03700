import type { Found, Page } from "../store/index.js";
import { etagOf } from "./answer.js";

/** A Bundle's text. Source: https://hl7.org/fhir/R4/bundle.html */
export function bundleText(head: Readonly<Record<string, unknown>>, entries: readonly string[]): string {
  const text = JSON.stringify({ resourceType: "Bundle", ...head });
  return entries.length === 0 ? text : `${text.slice(0, -1)},"entry":[${entries.join(",")}]}`;
}

/** @param base of the FHIR service @param self the request, which the page answers */
export function searchset(
  page: Page,
  { base, self, next }: { base: string; self: string; next: (page: string) => string },
): string {
  const link = [
    { relation: "self", url: self },
    ...(page.next === undefined ? [] : [{ relation: "next", url: next(page.next) }]),
  ];
  return bundleText(
    { type: "searchset", ...(page.total === undefined ? {} : { total: page.total }), link },
    page.entries.map(({ type, id, json, mode }) =>
      entryText({ fullUrl: `${base}/${type}/${id}` }, json, { search: { mode } }),
    ),
  );
}

/** All versions of a resource, the latest first. Source: https://hl7.org/fhir/R4/http.html#history */
export function historyBundle(versions: readonly Found[], { base, self }: { base: string; self: string }): string {
  return bundleText(
    { type: "history", total: versions.length, link: [{ relation: "self", url: self }] },
    versions.map((found) => {
      const { type, id, json, updated } = found;
      const isGone = json === undefined;
      return entryText({ fullUrl: `${base}/${type}/${id}` }, json, {
        request: { method: isGone ? "DELETE" : "PUT", url: `${type}/${id}` },
        response: {
          status: isGone ? "204" : "200",
          etag: etagOf(found),
          lastModified: new Date(updated).toISOString(),
        },
      });
    }),
  );
}

/** An entry, with its resource as text between what stands before and behind it. */
export function entryText(before: object, resource: string | undefined, behind: object): string {
  const parts = [members(before), resource === undefined ? "" : `"resource":${resource}`, members(behind)];
  return `{${parts.filter((part) => part !== "").join(",")}}`;
}

const members = (object: object): string => JSON.stringify(object).slice(1, -1);
