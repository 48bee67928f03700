import type { Bundle, Resource } from "@medplum/fhirtypes";
import { scanJson } from "./json-scan.js";
import type { FhirEntry } from "./parsed.js";
import { labelReasons, type SensitivityReason } from "./sensitivity.js";

/** An entry that stood inside another one, with the labels of what stood around it. */
export interface UnwrappedEntry extends FhirEntry {
  readonly around: readonly SensitivityReason[];
}

/** Deeper than any input: the parser has checked the depth of the whole. */
const ANY_DEPTH = 1_000;

/**
 * Takes nested Bundles (of a batch-response, or in Parameters) and Parameters apart, so that each resource inside is an
 * entry of its own, in its original text. A document stays whole: it is one statement of its author.
 *
 * What Parameters hold besides resources stays, as Parameters with the resources left out. The frame of a nested Bundle
 * (its type, links and response codes) goes, as that of the Bundle around it does.
 *
 * @example
 * unwrap(batchResponse.entries).map(({ resource }) => resource.resourceType) // ["Patient", "Coverage", …]
 */
export function unwrap(entries: readonly FhirEntry[]): UnwrappedEntry[] {
  return entries.flatMap((entry) => open(entry, []));
}

function open(entry: FhirEntry, around: readonly SensitivityReason[]): UnwrappedEntry[] {
  const { resource } = entry;
  if (resource.resourceType === "Bundle" && resource.type !== "document") return openBundle(entry, resource, around);
  return resource.resourceType === "Parameters" ? openParameters(entry, around) : [{ ...entry, around }];
}

function openBundle(entry: FhirEntry, bundle: Bundle, around: readonly SensitivityReason[]): UnwrappedEntry[] {
  const texts = textsAt(entry.json, "entry", "resource");
  const within = [...around, ...labelReasons(bundle.meta)];
  return (bundle.entry ?? []).flatMap(({ resource, fullUrl }, at) => {
    const json = texts.get(at);
    if (resource === undefined || json === undefined) return [];
    const place = `${inside(entry.place)}.entry[${at}].resource (${resource.resourceType})`;
    return open({ resource, json, place, file: entry.file, ...(fullUrl === undefined ? {} : { fullUrl }) }, within);
  });
}

function openParameters(entry: FhirEntry, around: readonly SensitivityReason[]): UnwrappedEntry[] {
  const within = [...around, ...labelReasons(entry.resource.meta)];
  const found: UnwrappedEntry[] = [];
  const rest = [...textsAt(entry.json, "parameter").values()].flatMap(
    (json, at) => takeOut(json, `${inside(entry.place)}.parameter[${at}]`, entry.file, within, found) ?? [],
  );
  // Nothing to take out: as it is, byte for byte.
  if (found.length === 0) return [{ ...entry, around }];
  if (rest.length > 0) {
    const json = `{"resourceType":"Parameters","parameter":[${rest.join(",")}]}`;
    found.push({ ...entry, resource: JSON.parse(json) as Resource, json, around: within });
  }
  return found;
}

/**
 * Adds the resources of one parameter to `found`.
 *
 * @returns the text of what is left of the parameter, if anything says something
 */
function takeOut(
  json: string,
  place: string,
  file: string,
  around: readonly SensitivityReason[],
  found: UnwrappedEntry[],
): string | undefined {
  const parameter = JSON.parse(json) as { name?: string; resource?: Resource; part?: unknown[] };
  const [text] = textsAt(json, "resource").values();
  if (parameter.resource !== undefined && text !== undefined) {
    const at = `${place}.resource (${parameter.resource.resourceType})`;
    found.push(...open({ resource: parameter.resource, json: text, place: at, file }, around));
    return undefined;
  }
  if (!Array.isArray(parameter.part)) return json;
  const before = found.length;
  const parts = [...textsAt(json, "part").values()].map((part, at) =>
    takeOut(part, `${place}.part[${at}]`, file, around, found),
  );
  if (found.length === before) return json;
  const left = parts.filter((part) => part !== undefined);
  if (left.length === 0) return undefined;
  return `{"name":${JSON.stringify(parameter.name ?? "")},"part":[${left.join(",")}]}`;
}

/** The original texts of `list[at]`, or of `list[at].inner`, or of the single element `list`, by position. */
function textsAt(json: string, list: string, inner?: string): Map<number, string> {
  const found = new Map<number, string>();
  scanJson(json, {
    maxDepth: ANY_DEPTH,
    onValue: ([first, at, last, ...more], start, end) => {
      if (first !== list || more.length > 0 || last !== inner) return;
      if (typeof at === "number") found.set(at, json.slice(start, end));
      else if (at === undefined && json[start] === "{") found.set(0, json.slice(start, end));
    },
  });
  return found;
}

/** `Bundle.entry[1].resource` out of `Bundle.entry[1].resource (Parameters)`. */
function inside(place: string): string {
  return place.replace(/ \([A-Za-z]+\)$/, "");
}
