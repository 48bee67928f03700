import type { Resource } from "@medplum/fhirtypes";
import { type JsonPath, scanJson } from "./json-scan.js";
import type { FhirEntry } from "./parsed.js";
import { type SensitivityReason, sensitivityReasonsOf } from "./sensitivity.js";

/** Says that a resource is not all of it. Source: https://hl7.org/fhir/R4/resource.html#simple-tags */
const SUBSETTED =
  '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED","display":"subsetted"}';

/**
 * Who a patient is, without what makes the Patient resource sensitive: an extension about gender identity, the clinic of
 * a general practitioner, a note. Name, birth date and identifiers are needed wherever any of the patient's records is,
 * so that nobody is taken for somebody else; the whole resource stays SENSITIVE beside it.
 *
 * Every element that is left keeps its text. The tag SUBSETTED tells that some are missing.
 *
 * @param reasons why the Patient is sensitive by itself and by what stands around it
 * @returns undefined for another type, for one that isn't sensitive, and where a label restricts the whole resource
 * @example
 * demographicsOf(entry, sensitivityReasonsOf(entry.resource))?.resource // { resourceType: "Patient", … }
 */
export function demographicsOf<T extends FhirEntry>(entry: T, reasons: readonly SensitivityReason[]): T | undefined {
  if (entry.resource.resourceType !== "Patient" || reasons.length === 0) return undefined;
  let [left, why] = [entry.json, reasons];
  while (why.length > 0) {
    const elements = why.map(({ path }) => /^([A-Za-z_]\w*)(?:\[(\d+)\])?/.exec(path));
    if (elements.some((element) => element === null || element[1] === "meta")) return undefined;
    left = without(left, new Set(elements.flatMap((element) => element?.[0] ?? [])));
    why = sensitivityReasonsOf(JSON.parse(left) as Resource);
  }
  const json = tagged(left);
  return { ...entry, resource: JSON.parse(json) as Resource, json };
}

/** The object without some of its elements: `text`, or `extension[2]`. What would be empty is left out. */
function without(json: string, elements: ReadonlySet<string>): string {
  const lists = new Map<string, string[]>();
  const members: string[] = [];
  forEachValue(json, ([key, at, ...more], text) => {
    if (typeof key !== "string" || more.length > 0) return;
    if (typeof at === "number") {
      const list = lists.get(key) ?? [];
      if (!elements.has(`${key}[${at}]`)) list.push(text);
      lists.set(key, list);
    }
    if (at !== undefined || elements.has(key)) return;
    const list = lists.get(key);
    if (list?.length !== 0) members.push(`${JSON.stringify(key)}:${list === undefined ? text : `[${list.join(",")}]`}`);
  });
  return `{${members.join(",")}}`;
}

/** The resource with one more `meta.tag`. */
function tagged(json: string): string {
  const tags: string[] = [];
  const meta: string[] = [];
  const rest: string[] = [];
  forEachValue(json, ([key, inner, at, ...more], text) => {
    if (typeof key !== "string" || more.length > 0) return;
    if (key !== "meta") {
      if (inner === undefined) rest.push(`${JSON.stringify(key)}:${text}`);
    } else if (inner === "tag") {
      if (at !== undefined) tags.push(text);
    } else if (inner !== undefined && at === undefined) meta.push(`${JSON.stringify(inner)}:${text}`);
  });
  const [type = "", ...others] = rest;
  return `{${[type, `"meta":{${[...meta, `"tag":[${[...tags, SUBSETTED].join(",")}]`].join(",")}}`, ...others].join(",")}}`;
}

/** Calls `see` for each value down to the third level, what is inside before what is around it. */
function forEachValue(json: string, see: (path: JsonPath, text: string) => void): void {
  scanJson(json, {
    // The parser has checked the depth of the whole input.
    maxDepth: 1_000,
    onValue: (path, start, end) => {
      see(path, json.slice(start, end));
    },
  });
}
