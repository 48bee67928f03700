import { type Exact, readExact, writeExact } from "../store/exact-json.js";
import { schemaOf } from "./parameters.js";
import type { Search } from "./request.js";

/** Says that a resource is not all of it. Source: https://hl7.org/fhir/R4/search.html#elements */
const SUBSETTED = { system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "SUBSETTED" };

/** What a search wants of a resource, as JSON. */
export function shaped(json: string, { summary, elements }: Pick<Search, "summary" | "elements">): string {
  if (elements === undefined && (summary === "false" || summary === "count")) return json;
  const resource = readExact(json) as Record<string, Exact>;
  const { summaryProperties, mandatoryProperties } = schemaOf(resource["resourceType"] as string);
  const always = new Set(["resourceType", "id", "meta", ...(mandatoryProperties ?? [])]);
  const isWanted = (name: string): boolean => {
    if (elements !== undefined) return always.has(name) || isOneOf(name, elements);
    if (summary === "data") return name !== "text";
    if (summary === "text") return always.has(name) || name === "text";
    return always.has(name) || isOneOf(name, [...(summaryProperties ?? [])]);
  };
  const kept = Object.fromEntries(Object.entries(resource).filter(([name]) => isWanted(name.replace(/^_/, ""))));
  const meta = kept["meta"] as Record<string, Exact>;
  const tags = (meta["tag"] ?? []) as Exact[];
  kept["meta"] = { ...meta, tag: [...tags, SUBSETTED] };
  return writeExact(kept);
}

/** `value` stands for `valueQuantity`, too. */
function isOneOf(name: string, elements: readonly string[]): boolean {
  return elements.some((one) => name === one || (name.startsWith(one) && /^[A-Z]/.test(name.slice(one.length))));
}
