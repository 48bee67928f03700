import type { InternalSchemaElement, InternalTypeSchema } from "@medplum/core";
import type { FhirIssue } from "./issue.js";
import { joinPlace, safeName } from "./place.js";
import type { RequiredCodes } from "./required-codes.js";

/** What the checks need to know of R4. */
export interface StructureRules {
  /** The schema of a type, or undefined when there is none. */
  schemaOf: (type: string) => InternalTypeSchema | undefined;
  codes: RequiredCodes;
  /** What a primitive type's value looks like, by type. */
  formats: Readonly<Record<string, RegExp>>;
}

/** Characters in a string. Source: https://hl7.org/fhir/R4/datatypes.html#string */
export const MAX_STRING = 1024 * 1024;

/**
 * Checks what the library's validator leaves out: two choices of one `value[x]`, codes outside a required binding,
 * unknown fields with the exact place, base64Binary, and texts of more than {@link MAX_STRING} characters.
 *
 * @param skip leaves a property out, e.g. the resources inside a Bundle that are checked one by one
 * @example
 * checkStructure(observation, "Observation", rules) // [{ place: "Observation.status", problem: "…" }]
 */
export function checkStructure(
  resource: object,
  place: string,
  rules: StructureRules,
  skip?: (key: string) => boolean,
): FhirIssue[] {
  const issues: FhirIssue[] = [];
  const report = (at: string, problem: string): void => void issues.push({ place: at, problem });

  const walk = (value: unknown, type: string, at: string): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const resourceType = (value as { resourceType?: unknown }).resourceType;
    const schema = rules.schemaOf(typeof resourceType === "string" ? resourceType : type);
    if (!schema) {
      if (typeof resourceType === "string") report(at, `R4 defines no resource type ${safeName(resourceType)}`);
      return;
    }
    const chosen = new Map<string, Set<string>>();
    for (const [key, child] of Object.entries(value)) {
      if (key === "resourceType" || skip?.(key)) continue;
      const found = elementFor(schema, key.startsWith("_") ? key.slice(1) : key);
      const childPlace = joinPlace(at, safeName(key));
      if (!found) {
        report(childPlace, "R4 defines no such field");
        continue;
      }
      if (found.choice !== undefined) {
        const seen = chosen.get(found.choice) ?? new Set();
        chosen.set(found.choice, seen.add(found.type));
        if (seen.size > 1) report(childPlace, `more than one ${found.choice} is given`);
      }
      if (key.startsWith("_")) continue;
      const list = Array.isArray(child) ? child : [child];
      list.forEach((item, index) => {
        const itemPlace = Array.isArray(child) ? `${childPlace}[${index}]` : childPlace;
        if (outsideBinding(item, found, rules.codes)) report(itemPlace, "not a code of the required value set");
        const fault = textFault(item, found.type, rules.formats);
        if (fault !== undefined) report(itemPlace, fault);
        walk(item, found.type, itemPlace);
      });
    }
  };

  walk(resource, "Resource", place);
  return issues;
}

interface FoundElement {
  element: InternalSchemaElement;
  /** FHIR type of the value. */
  type: string;
  /** Name of the choice, e.g. `value[x]`. */
  choice?: string;
}

function elementFor(schema: InternalTypeSchema, key: string): FoundElement | undefined {
  const element = Object.hasOwn(schema.elements, key) ? schema.elements[key] : undefined;
  if (element) return { element, type: element.type[0]?.code ?? "" };
  for (const [name, candidate] of Object.entries(schema.elements)) {
    if (!name.endsWith("[x]") || !key.startsWith(name.slice(0, -3))) continue;
    const suffix = key.slice(name.length - 3);
    const type = candidate.type.find(({ code }) => code.charAt(0).toUpperCase() + code.slice(1) === suffix);
    if (type) return { element: candidate, type: type.code, choice: name };
  }
  return undefined;
}

function outsideBinding(value: unknown, { element, type }: FoundElement, codes: RequiredCodes): boolean {
  const { binding } = element;
  if (type !== "code" || typeof value !== "string" || binding?.strength !== "required") return false;
  const allowed = binding.valueSet === undefined ? undefined : codes(binding.valueSet);
  return allowed !== undefined && !allowed.has(value);
}

/**
 * The library refuses every long text, whatever its type, where R4 limits only string and markdown; and it refuses base64
 * that is broken into lines.
 */
function textFault(value: unknown, type: string, formats: StructureRules["formats"]): string | undefined {
  if (typeof value !== "string") return undefined;
  if (type === "base64Binary") return isBase64(value) ? undefined : "not a base64Binary";
  if (value.length <= MAX_STRING) return undefined;
  if (type === "string" || type === "markdown")
    return `longer than the ${MAX_STRING} characters that R4 allows in a ${type}`;
  return formats[type]?.test(value) === false ? `not a ${type}` : undefined;
}

/** White space may break it. Source: https://hl7.org/fhir/R4/datatypes.html#base64Binary */
function isBase64(value: string): boolean {
  const dense = value.replace(/\s+/g, "");
  // What is looked for is one letter: no pattern that repeats has to remember where it was.
  return dense.length > 0 && dense.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(dense.replace(/={1,2}$/, ""));
}
