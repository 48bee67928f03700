import { type RawBuilder, sql } from "kysely";
import { parseLiteral } from "chartchain/fhir";
import { Refused } from "../store/refused.js";
import type { Span } from "./instants.js";
import type { Parameter } from "./parameters.js";
import { folded } from "./terms.js";
import { dateOf, numberOf, prefixOf, quoted, splitAt, unescaped } from "./values.js";

/** A condition on a row of terms (alias `t`), for one alternative of a value. */
export type TermTest = RawBuilder<boolean>;

/** Modifiers of each kind. `:missing` goes with all, `:not` turns a token's test around, a type narrows a reference. */
export const MODIFIERS: Readonly<Record<Parameter["kind"], readonly string[]>> = {
  token: ["not", "missing"],
  string: ["exact", "contains", "missing"],
  date: ["missing"],
  number: ["missing"],
  quantity: ["missing"],
  reference: ["missing"],
  uri: ["missing"],
};

/**
 * How a term has to be for one alternative of a parameter's value.
 *
 * @param label the parameter as it was asked, for errors
 * @param modifier one of {@link MODIFIERS} or, of a reference, a type
 */
export function testOf(
  { kind, targets }: Parameter,
  label: string,
  modifier: string | undefined,
  text: string,
): TermTest {
  switch (kind) {
    case "token":
      return tokenTest(text, label);
    case "string":
      return stringTest(unescaped(text), modifier);
    case "date": {
      const { prefix, rest } = prefixOf(text, label);
      return spanTest("t.low", "t.high", prefix, dateOf(rest, label));
    }
    case "number":
      return numberTest(text, label);
    case "quantity":
      return quantityTest(text, label);
    case "reference":
      return referenceTest(unescaped(text), label, modifier === undefined ? targets : [modifier]);
    case "uri":
      return valueIs(unescaped(text));
  }
}

/** The index holds the first hundred characters. */
const valueIs = (value: string): TermTest =>
  sql<boolean>`(left(t.value, 100) = ${beginning(value)} and t.value = ${value})`;

/** As PostgreSQL counts: by code points. */
const beginning = (value: string): string => [...value].slice(0, 100).join("");

/** `code`, `system|code`, `|code`, `system|`. Where the element implies the system, each is right. */
function tokenTest(text: string, label: string): TermTest {
  const [first = "", second, more] = splitAt(text, "|").map(unescaped);
  if (more !== undefined || (first === "" && (second ?? "") === ""))
    throw new Refused("invalid", label, `${label}: ${quoted(text)} is no token: code, system|code, |code or system|.`);
  if (second === undefined) return valueIs(first);
  if (second === "") return sql<boolean>`t.system = ${first}`;
  return sql<boolean>`(${valueIs(second)} and (t.system = ${first} or t.system is null))`;
}

function stringTest(text: string, modifier: string | undefined): TermTest {
  if (modifier === "exact")
    return sql<boolean>`(left(t.value, 100) = ${beginning(folded(text))} and t.exact = ${text})`;
  if (modifier === "contains") return sql<boolean>`strpos(t.value, ${folded(text)}) > 0`;
  const start = folded(text);
  const pattern = `${beginning(start).replace(/[\\%_]/g, "\\$&")}%`;
  return sql<boolean>`(left(t.value, 100) like ${pattern} and starts_with(t.value, ${start}))`;
}

/** How the span of a resource has to lie to that of a search. Source: https://hl7.org/fhir/R4/search.html#prefix */
export function spanTest(lowColumn: string, highColumn: string, prefix: string, { low, high }: Span): TermTest {
  const [from, to] = [sql.raw(lowColumn), sql.raw(highColumn)];
  const within = sql<boolean>`(${from} >= ${low} and ${from} <= ${high} and ${to} <= ${high})`;
  switch (prefix) {
    case "ne":
      return sql<boolean>`(not ${within})`;
    case "gt":
      return sql<boolean>`${to} > ${high}`;
    case "lt":
      return sql<boolean>`${from} < ${low}`;
    case "ge":
      return sql<boolean>`(${to} > ${high} or ${within})`;
    case "le":
      return sql<boolean>`(${from} < ${low} or ${within})`;
    case "sa":
      return sql<boolean>`${from} > ${high}`;
    case "eb":
      return sql<boolean>`${to} < ${low}`;
    default:
      return within;
  }
}

function numberTest(text: string, label: string): TermTest {
  const { prefix, rest } = prefixOf(text, label);
  const { value, low, high } = numberOf(rest, label);
  const equal = sql<boolean>`(t.low >= ${low} and t.low < ${high} and t.high < ${high})`;
  switch (prefix) {
    case "eq":
      return equal;
    case "ne":
      return sql<boolean>`(not ${equal})`;
    case "gt":
      return sql<boolean>`t.high > ${value}`;
    case "lt":
      return sql<boolean>`t.low < ${value}`;
    case "ge":
      return sql<boolean>`t.high >= ${value}`;
    case "le":
      return sql<boolean>`t.low <= ${value}`;
    case "sa":
      return sql<boolean>`t.low > ${value}`;
    case "eb":
      return sql<boolean>`t.high < ${value}`;
  }
}

/** `number`, `number|system|code`, `number||code`: then code or unit. Units aren't converted. */
function quantityTest(text: string, label: string): TermTest {
  const [number = "", system, code, more] = splitAt(text, "|").map(unescaped);
  if (more !== undefined || (system !== undefined && (code ?? "") === ""))
    throw new Refused(
      "invalid",
      label,
      `${label}: ${quoted(text)} is no quantity: number, number|system|code or number||code.`,
    );
  const amount = numberTest(number, label);
  if (code === undefined) return amount;
  if (system === "") return sql<boolean>`(${amount} and (t.value = ${code} or t.exact = ${code}))`;
  return sql<boolean>`(${amount} and t.value = ${code} and t.system = ${system})`;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** `Type/id`, `id`, or another URL as it stands in the resource. */
function referenceTest(text: string, label: string, types: readonly string[]): TermTest {
  const literal = parseLiteral(text);
  if (literal !== undefined && literal.base === undefined) {
    if (!types.includes(literal.type))
      throw new Refused("invalid", label, `${label}: it leads to ${types.join(", ")}, not to ${literal.type}.`);
    return sql<boolean>`(t.system = ${literal.type} and ${valueIs(literal.id)})`;
  }
  if (ID.test(text)) return sql<boolean>`(t.system in (${sql.join(types)}) and ${valueIs(text)})`;
  if (text === "") throw new Refused("invalid", label, `${label}: it names nothing.`);
  return sql<boolean>`(t.system is null and ${valueIs(text)})`;
}
