import { evalFhirPathTyped, toTypedValue, type TypedValue } from "@medplum/core";
import type { Resource } from "@medplum/fhirtypes";
import { parseLiteral, TRAVELLING } from "chartchain/fhir";
import type { TermTable } from "../store/tables.js";
import { HIGHEST, LOWEST, spanOf } from "./instants.js";
import { type Parameter, parametersOf } from "./parameters.js";

/** What a resource is found by. */
export type Term = Omit<TermTable, "content">;

type Value = Omit<Term, "type" | "parameter">;

/** Everything that a resource is found by, over all parameters of its type. */
export function termsOf(resource: Resource): Term[] {
  const type = resource.resourceType;
  const input = [toTypedValue(resource)];
  return [...parametersOf(type).values()].flatMap((parameter) => {
    const values = evalFhirPathTyped(parameter.expression, input).flatMap((typed) => valuesOf(parameter, typed));
    const different = new Map(values.map((value) => [JSON.stringify(value), value]));
    return [...different.values()].map((value) => ({ type, parameter: parameter.name, ...value }));
  });
}

/**
 * The first and the last instant of care that a resource names; of a period without an end the start. A person's birth and
 * death, and who and where somebody is, are no care.
 */
export function careOf(type: string, terms: readonly Term[]): { first: number | null; last: number | null } {
  if (PEOPLE.has(type) || TRAVELLING.has(type)) return { first: null, last: null };
  const parameters = parametersOf(type);
  const dates = terms.filter(({ parameter }) => {
    return parameters.get(parameter)!.kind === "date" && !/(?:^|-)value-date$/.test(parameter);
  });
  const instants = dates.flatMap(({ low, high }) => [low!, high!]).filter((time) => time > LOWEST && time < HIGHEST);
  if (instants.length === 0) return { first: null, last: null };
  return { first: Math.min(...instants), last: Math.max(...instants) };
}

const PEOPLE: ReadonlySet<string> = new Set(["Patient", "Person", "RelatedPerson"]);

const NOTHING: Value = { system: null, value: null, exact: null, low: null, high: null };

function valuesOf({ kind, targets }: Parameter, typed: TypedValue): Value[] {
  switch (kind) {
    case "token":
      return tokens(typed);
    case "string":
      return strings(typed).map((exact) => ({ ...NOTHING, value: folded(exact), exact: clean(exact) }));
    case "date":
      return ranges(typed).map((range) => ({ ...NOTHING, ...range }));
    case "number":
      return numbers(typed);
    case "quantity":
      return quantities(typed);
    case "reference":
      return references(typed, targets);
    case "uri":
      return typeof typed.value === "string" ? [{ ...NOTHING, value: clean(typed.value) }] : [];
  }
}

/** PostgreSQL keeps no text with it. */
const clean = (text: string): string => text.replaceAll("\0", "");

/** Small letters without marks: how strings are compared. Source: https://hl7.org/fhir/R4/search.html#string */
export function folded(text: string): string {
  return clean(text).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

type Loose = Record<string, unknown>;

function token(system: string | null, value: unknown): Value[] {
  const isSimple = typeof value === "string" || typeof value === "boolean" || typeof value === "number";
  return isSimple ? [{ ...NOTHING, system, value: clean(String(value)) }] : [];
}

function coding({ system, code }: Loose): Value[] {
  return token(typeof system === "string" ? clean(system) : "", code);
}

function tokens({ type, value }: TypedValue): Value[] {
  if (typeof value !== "object" || value === null) return token(null, value);
  const one = value as Loose;
  switch (type) {
    case "CodeableConcept":
      return ((one["coding"] ?? []) as Loose[]).flatMap(coding);
    case "Identifier":
      return token(typeof one["system"] === "string" ? clean(one["system"]) : "", one["value"]);
    case "ContactPoint":
      return token(null, one["value"]);
    default:
      return coding(one);
  }
}

/** Parts of a name or an address that it is found by. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ["text", "family", "given", "prefix", "suffix"],
  Address: ["text", "line", "city", "district", "state", "postalCode", "country"],
};

function strings({ type, value }: TypedValue): string[] {
  if (typeof value === "string") return [value];
  const parts = PARTS[type];
  if (parts === undefined || typeof value !== "object" || value === null) return [];
  return parts.flatMap((part) => (value as Loose)[part] ?? []).filter((text) => typeof text === "string");
}

function ranges({ value }: TypedValue): { low: number; high: number }[] {
  if (typeof value === "string") return [spanOf(value) ?? []].flat();
  if (typeof value !== "object" || value === null) return [];
  const { event, repeat } = value as { event?: string[]; repeat?: Loose };
  const periods = [value as Loose, (repeat?.["boundsPeriod"] ?? {}) as Loose].filter(
    (one) => one["start"] ?? one["end"],
  );
  const spans = (event ?? []).flatMap((one) => spanOf(one) ?? []);
  return [
    ...spans,
    ...periods.map((one) => ({
      low: spanOf(String((one["start"] ?? "") as string))?.low ?? LOWEST,
      high: spanOf(String((one["end"] ?? "") as string))?.high ?? HIGHEST,
    })),
  ];
}

function numbers({ value }: TypedValue): Value[] {
  if (typeof value === "number") return [{ ...NOTHING, low: value, high: value }];
  const { low, high } = (value ?? {}) as { low?: { value?: number }; high?: { value?: number } };
  if (low?.value === undefined && high?.value === undefined) return [];
  return [{ ...NOTHING, low: low?.value ?? LOWEST, high: high?.value ?? HIGHEST }];
}

interface QuantityLike {
  value?: number;
  comparator?: string;
  system?: string;
  code?: string;
  unit?: string;
  currency?: string;
  low?: QuantityLike;
  high?: QuantityLike;
  origin?: QuantityLike;
}

function quantities({ value }: TypedValue): Value[] {
  const one = (value ?? {}) as QuantityLike;
  if (typeof one.value !== "number") {
    const unit = one.low ?? one.high;
    if (unit === undefined) return [];
    const { system, code, exact } = unitOf(unit);
    return [{ system, value: code, exact, low: one.low?.value ?? LOWEST, high: one.high?.value ?? HIGHEST }];
  }
  const { system, code, exact } = unitOf(one);
  const low = one.comparator?.startsWith("<") ? LOWEST : one.value;
  const high = one.comparator?.startsWith(">") ? HIGHEST : one.value;
  return [{ system, value: code, exact, low, high }];
}

function unitOf({ system, code, unit, currency }: QuantityLike): {
  system: string;
  code: string | null;
  exact: string | null;
} {
  const name = currency ?? code;
  return {
    system: clean(currency === undefined ? (system ?? "") : "urn:iso:std:iso:4217"),
    code: name === undefined ? null : clean(name),
    exact: unit === undefined ? null : clean(unit),
  };
}

function references({ value }: TypedValue, targets: readonly string[]): Value[] {
  const text = typeof value === "string" ? value : (value as { reference?: unknown } | null)?.reference;
  if (typeof text !== "string" || text.startsWith("#")) return [];
  const literal = parseLiteral(text);
  if (literal?.base === undefined && literal !== undefined) {
    return targets.includes(literal.type) ? [{ ...NOTHING, system: literal.type, value: literal.id }] : [];
  }
  const url = clean(text);
  // A canonical is found with its version and without.
  return [...new Set([url, url.replace(/\|.*$/, "")])].map((one) => ({ ...NOTHING, value: one }));
}
