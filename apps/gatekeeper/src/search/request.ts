import { isResourceType } from "chartchain/fhir";
import { Refused } from "../store/refused.js";
import { type Condition, conditionOf, parameterOf } from "./conditions.js";
import type { ParameterKind } from "./parameters.js";
import { schemaOf } from "./parameters.js";
import { quoted } from "./values.js";

/** A search as it was asked: parameters with their modifiers, in their order, without escapes of the URL. */
export interface SearchRequest {
  type: string;
  parameters: readonly (readonly [name: string, value: string])[];
}

/** What of each resource is answered. Source: https://hl7.org/fhir/R4/search.html#summary */
export type Summary = "true" | "text" | "data" | "count" | "false";

/** What a search is sorted by. */
export interface SortKey {
  parameter: string;
  kind: ParameterKind | "id" | "updated";
  descending: boolean;
}

/** One `_include` or `_revinclude`. */
export interface Inclusion {
  reverse: boolean;
  /** The type that refers. */
  type: string;
  parameter: string;
  /** The only type that is referred to. */
  target: string | undefined;
  iterate: boolean;
}

/** A search that was understood in all its parts. */
export interface Search {
  type: string;
  conditions: Condition[];
  sort: SortKey[];
  count: number;
  wantsTotal: boolean;
  summary: Summary;
  elements: string[] | undefined;
  inclusions: Inclusion[];
}

const DEFAULT_COUNT = 50;

/** A page is never longer. Source: https://hl7.org/fhir/R4/search.html#count */
export const MOST = 500;

/** What there is once in a search. */
const SINGLE: ReadonlySet<string> = new Set(["_sort", "_count", "_total", "_elements", "_summary"]);

/**
 * Reads a search. Nothing is passed over: what isn't understood is refused.
 *
 * @throws Refused naming the parameter, what is wrong with it, and what is supported
 */
export function searchOf({ type, parameters }: SearchRequest): Search {
  if (!isResourceType(type)) throw new Refused("invalid", type, `R4 has no resource type ${quoted(type)}.`);
  const search: Search = {
    ...{ type, conditions: [], sort: [], count: DEFAULT_COUNT, wantsTotal: false },
    ...{ summary: "false", elements: undefined, inclusions: [] },
  };
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (SINGLE.has(name) && seen.has(name)) throw new Refused("invalid", name, `${name} is there twice.`);
    seen.add(name);
    if (!control(search, name, value)) search.conditions.push(conditionOf(type, name, value));
  }
  if (search.elements !== undefined && seen.has("_summary") && search.summary !== "false")
    throw new Refused("invalid", "_elements", "_elements and _summary exclude one another.");
  if (search.inclusions.length > 0 && search.summary === "text")
    throw new Refused("invalid", "_summary", "_summary=text goes with no _include and no _revinclude.");
  return search;
}

/** @returns false for a parameter that asks about the resources themselves */
function control(search: Search, name: string, value: string): boolean {
  switch (name) {
    case "_sort":
      search.sort = value.split(",").map((key) => sortKeyOf(search.type, key));
      if (search.sort.length > 3) throw new Refused("too-costly", name, "_sort takes three parameters at most.");
      return true;
    case "_count":
      if (!/^\d{1,9}$/.test(value)) throw new Refused("invalid", name, `_count: ${quoted(value)} is no number.`);
      search.count = Math.min(Number(value), MOST);
      return true;
    case "_total":
      search.wantsTotal = oneOf(name, value, ["none", "accurate", "estimate"]) !== "none";
      return true;
    case "_summary":
      search.summary = oneOf(name, value, ["true", "text", "data", "count", "false"]);
      return true;
    case "_elements":
      search.elements = elementsOf(search.type, value);
      return true;
    default: {
      const [code, modifier, more] = name.split(":");
      if (code !== "_include" && code !== "_revinclude") return false;
      if ((modifier !== undefined && modifier !== "iterate") || more !== undefined)
        throw new Refused("not-supported", name, `${name}: the only modifier of ${code} is iterate.`);
      search.inclusions.push(inclusionOf(search.type, name, value, code === "_revinclude", modifier === "iterate"));
      return true;
    }
  }
}

function oneOf<T extends string>(name: string, value: string, values: readonly T[]): T {
  const found = values.find((one) => one === value);
  if (found === undefined)
    throw new Refused(
      "not-supported",
      name,
      `${name}: ${quoted(value)} isn't supported; these are: ${values.join(", ")}.`,
    );
  return found;
}

function sortKeyOf(type: string, key: string): SortKey {
  const descending = key.startsWith("-");
  const code = descending ? key.slice(1) : key;
  if (code === "_id") return { parameter: code, kind: "id", descending };
  if (code === "_lastUpdated") return { parameter: code, kind: "updated", descending };
  const parameter = parameterOf(type, code);
  return { parameter: code, kind: parameter.kind, descending };
}

function elementsOf(type: string, value: string): string[] {
  const { elements } = schemaOf(type);
  const known = new Set(["id", "meta", ...Object.keys(elements).map((name) => name.replace("[x]", ""))]);
  return value.split(",").map((name) => {
    if (known.has(name)) return name;
    throw new Refused("invalid", "_elements", `_elements: ${type} has no element ${quoted(name)} at its root.`);
  });
}

function inclusionOf(type: string, name: string, value: string, reverse: boolean, iterate: boolean): Inclusion {
  const [from = "", code = "", target, more] = value.split(":");
  if (!isResourceType(from) || code === "" || more !== undefined)
    throw new Refused(
      "invalid",
      name,
      `${name}: ${quoted(value)} hasn't the form Type:reference or Type:reference:Target.`,
    );
  const parameter = code === "*" ? undefined : parameterOf(from, code);
  if (parameter === undefined)
    throw new Refused("not-supported", name, `${name}: * isn't supported; name each reference.`);
  if (parameter.kind !== "reference") throw new Refused("invalid", name, `${name}: ${from}.${code} is no reference.`);
  if (target !== undefined && !parameter.targets.includes(target))
    throw new Refused(
      "invalid",
      name,
      `${name}: ${from}.${code} leads to ${parameter.targets.join(", ")}, not to ${quoted(target)}.`,
    );
  const isOfType = reverse ? parameter.targets.includes(type) : from === type;
  if (!iterate && !isOfType)
    throw new Refused(
      "invalid",
      name,
      `${name}: ${quoted(value)} has nothing to do with ${type}; :iterate follows what was included.`,
    );
  return { reverse, type: from, parameter: code, target, iterate };
}
