import { type RawBuilder, sql } from "kysely";
import { isResourceType } from "chartchain/fhir";
import { Refused } from "../store/refused.js";
import type { Scope } from "../store/scope.js";
import { type Parameter, parametersOf } from "./parameters.js";
import { MODIFIERS, spanTest, testOf } from "./tests.js";
import { alternativesOf, dateOf, prefixOf, quoted, unescaped } from "./values.js";

/** A condition on a version, by its alias. What it leads to is held against the same scope. */
export type Condition = (version: string, scope: Scope) => RawBuilder<boolean>;

/** How many resources a chain, or `_has`, may lead through. */
const LINKS = 2;

/**
 * What a parameter of a search demands of a resource of that type.
 *
 * @param name with its modifier, chain or `_has`
 * @param links how many links lead to this type
 * @throws Refused for whatever isn't supported, by its name
 */
export function conditionOf(type: string, name: string, value: string, links = 0): Condition {
  if (name.startsWith("_has:")) return reversed(type, name, value, links);
  const dot = name.indexOf(".");
  if (dot !== -1) return chained(type, name.slice(0, dot), name.slice(dot + 1), value, links);
  const [code = "", modifier, more] = name.split(":");
  if (more !== undefined) throw unknownModifier(name, modifier!, []);
  if (code === "_id" || code === "_lastUpdated") return ownCondition(code, name, modifier, value);
  const parameter = parameterOf(type, code);
  const isType = parameter.kind === "reference" && modifier !== undefined && parameter.targets.includes(modifier);
  if (modifier !== undefined && !isType && !MODIFIERS[parameter.kind].includes(modifier)) {
    throw unknownModifier(name, modifier, [
      ...MODIFIERS[parameter.kind],
      ...(parameter.kind === "reference" ? parameter.targets : []),
    ]);
  }
  if (modifier === "missing") return missing(parameter, name, value);
  const tests = alternativesOf(value).map((one) => {
    if (one === "") throw new Refused("invalid", name, `${name}: a value is empty.`);
    return testOf(parameter, name, modifier, one);
  });
  const found: Condition = (version) => {
    const v = sql.raw(version);
    return sql<boolean>`${v}.content in (select t.content from terms t where t.type = ${type} and t.parameter = ${code}
      and (${sql.join(tests, sql` or `)}))`;
  };
  return modifier === "not" ? (version, scope) => sql<boolean>`not (${found(version, scope)})` : found;
}

/** The parameter of a type, by its name without anything. */
export function parameterOf(type: string, code: string): Parameter {
  const parameters = parametersOf(type);
  const found = parameters.get(code);
  if (found !== undefined) return found;
  const known = ["_id", "_lastUpdated", ...parameters.keys()].sort().join(", ");
  throw new Refused(
    "not-supported",
    code,
    `${type} isn't searched by ${quoted(code)}. Supported: ${known}; with :missing, :not (token), :exact, :contains (string), a type (reference); chains and _has over ${LINKS} links; _sort, _count, _total, _elements, _summary, _include, _revinclude.`,
  );
}

function unknownModifier(name: string, modifier: string, known: readonly string[]): Refused {
  const supported = known.length === 0 ? "none" : known.join(", ");
  return new Refused(
    "not-supported",
    name,
    `${name}: the modifier ${quoted(modifier)} isn't supported. Supported: ${supported}.`,
  );
}

function ownCondition(code: string, name: string, modifier: string | undefined, value: string): Condition {
  if (modifier !== undefined) throw unknownModifier(name, modifier, []);
  const values = alternativesOf(value).map(unescaped);
  if (values.includes("")) throw new Refused("invalid", name, `${name}: a value is empty.`);
  if (code === "_id") return (version) => sql<boolean>`${sql.raw(version)}.id in (${sql.join(values)})`;
  const spans = values.map((one) => {
    const { prefix, rest } = prefixOf(one, name);
    return { prefix, span: dateOf(rest, name) };
  });
  return (version) => {
    const updated = `${version}.updated`;
    return sql<boolean>`(${sql.join(
      spans.map(({ prefix, span }) => spanTest(updated, updated, prefix, span)),
      sql` or `,
    )})`;
  };
}

function missing({ name: code }: Parameter, name: string, value: string): Condition {
  if (value !== "true" && value !== "false") throw new Refused("invalid", name, `${name} is true or false.`);
  return (version) => {
    const some = sql`exists (select 1 from terms t where t.content = ${sql.raw(version)}.content and t.parameter = ${code})`;
    return value === "true" ? sql<boolean>`not ${some}` : sql<boolean>`${some}`;
  };
}

/** `subject:Patient.name`: the resource that a reference leads to has to be one that the asker sees. */
function chained(type: string, head: string, tail: string, value: string, links: number): Condition {
  const name = `${head}.${tail}`;
  if (links >= LINKS) throw tooFar(name);
  const [code = "", of, more] = head.split(":");
  const parameter = parameterOf(type, code);
  if (parameter.kind !== "reference" || more !== undefined)
    throw new Refused("invalid", name, `${name}: ${head} is no reference, so nothing can be asked behind it.`);
  if (of !== undefined && !parameter.targets.includes(of)) throw unknownModifier(head, of, parameter.targets);
  const types = of === undefined ? parameter.targets : [of];
  const targets = types.flatMap((target) => {
    try {
      return [{ target, condition: conditionOf(target, tail, value, links + 1) }];
    } catch (error) {
      // Of several types those count that have such a parameter.
      if (!(error instanceof Refused) || types.length === 1) throw error;
      return [];
    }
  });
  if (targets.length === 0)
    throw new Refused("not-supported", name, `${name}: none of ${types.join(", ")} is searched by ${quoted(tail)}.`);
  const target = `target${links + 1}`;
  return (version, scope) => {
    const w = sql.raw(target);
    const fits = targets.map(({ target: one, condition }) => sql`(${w}.type = ${one} and ${condition(target, scope)})`);
    return sql<boolean>`${sql.raw(version)}.content in (
      select l.content from terms l join versions ${w} on ${w}.type = l.system and ${w}.id = l.value
        and ${w}.current and ${w}.content is not null
      where l.type = ${type} and l.parameter = ${code} and (${sql.join(fits, sql` or `)}) and ${scope.isFound(target)})`;
  };
}

/** `_has:Observation:patient:code`: a resource that the asker sees refers to this one. */
function reversed(type: string, name: string, value: string, links: number): Condition {
  if (links >= LINKS) throw tooFar(name);
  const [, of = "", code = "", ...rest] = name.split(":");
  if (!isResourceType(of) || rest.length === 0)
    throw new Refused("invalid", name, `${name}: it has the form _has:Type:reference:parameter.`);
  const parameter = parameterOf(of, code);
  if (parameter.kind !== "reference" || !parameter.targets.includes(type))
    throw new Refused("invalid", name, `${name}: ${of}.${code} doesn't refer to ${type}.`);
  const condition = conditionOf(of, rest.join(":"), value, links + 1);
  const source = `source${links + 1}`;
  return (version, scope) => {
    const w = sql.raw(source);
    return sql<boolean>`${sql.raw(version)}.id in (
      select l.value from terms l join versions ${w} on ${w}.content = l.content and ${w}.current
      where l.type = ${of} and l.parameter = ${code} and l.system = ${type} and ${condition(source, scope)}
        and ${scope.isFound(source)})`;
  };
}

const tooFar = (name: string): Refused =>
  new Refused("not-supported", name, `${name}: chains and _has lead over ${LINKS} links at most.`);
