import type { OperationOutcomeIssue, Resource } from "@medplum/fhirtypes";
import { ChartChainError } from "../errors/index.js";
import type { FhirIssue } from "./issue.js";
import type { ParsedFhir } from "./parsed.js";
import { CONVERT_TO_R4, releaseOf } from "./other-releases.js";
import { joinPlace, safeName } from "./place.js";
import { checkStructure, MAX_STRING } from "./validate-structure.js";
import { loadValidator, type Validator } from "./validator.js";

/** How many faults an error lists. */
const MAX_LISTED = 50;

let loaded: Promise<Validator> | undefined;

/**
 * Checks one resource against the R4 definitions: unknown fields, types, cardinalities, invariants, choice types and
 * required codes.
 *
 * @param place where the resource stands, for the issues
 * @returns the faults; empty when it is valid
 * @throws ChartChainError VALIDATOR_MISSING
 * @example
 * await validateResource({ resourceType: "Patient", gender: "x" }) // [{ place: "Patient.gender", problem: "…" }]
 */
export async function validateResource(
  resource: Resource,
  place: string = resource.resourceType,
): Promise<FhirIssue[]> {
  const validator = await load();
  const issues = [
    ...checkStructure(resource, place, validator.rules),
    ...validator.check(shortened(resource)).flatMap((issue) => translate(issue, resource, place)),
  ];
  const seen = new Set<string>();
  // Both checks find an unknown field; the first says it exactly.
  return issues.filter(({ place: at }) => !seen.has(at) && seen.add(at));
}

/**
 * Checks every entry of an input by itself (a Bundle as a whole would be checked entry by entry, slowly), and the frame
 * of the Bundle around them.
 *
 * @throws ChartChainError VALIDATOR_MISSING
 */
export async function validateParsed(parsed: Pick<ParsedFhir, "bundle" | "entries">): Promise<FhirIssue[]> {
  const { rules } = await load();
  const issues = parsed.bundle ? checkStructure(parsed.bundle, "Bundle", rules, (key) => key === "resource") : [];
  for (const { resource, place } of parsed.entries) issues.push(...(await validateResource(resource, place)));
  return issues;
}

/** @throws ChartChainError INVALID_RESOURCE with the list of places, and the release that it looks like; VALIDATOR_MISSING */
export async function assertValid(file: string, parsed: Pick<ParsedFhir, "bundle" | "entries">): Promise<void> {
  const issues = await validateParsed(parsed);
  const [first] = issues;
  if (!first) return;
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
  const release = releaseOf(parsed.entries.map(({ resource }) => resource));
  const like = release === undefined ? "" : ` looks like FHIR ${release}, not R4`;
  throw new ChartChainError("INVALID_RESOURCE", `${file}${like}: ${first.place}: ${first.problem}${more}`, {
    details: {
      file,
      count: issues.length,
      places: issues.slice(0, MAX_LISTED).map(({ place }) => place),
      issues: issues.slice(0, MAX_LISTED),
      ...(release && { release }),
    },
    hint: release === undefined ? correct(issues) : CONVERT_TO_R4,
  });
}

/** How many places a hint names: details have more. */
const MAX_NAMED = 10;

function correct(issues: readonly FhirIssue[]): string {
  if (issues.length === 1) return "Correct the resource there.";
  const named = issues.slice(0, MAX_NAMED).map(({ place, problem }) => `${place}: ${problem}`);
  const more = issues.length > MAX_NAMED ? [`and ${issues.length - MAX_NAMED} more`] : [];
  return ["Correct the resource at these places:", ...named, ...more].join("\n");
}

function load(): Promise<Validator> {
  loaded ??= loadValidator((name) => import(name)).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** The library's sentences, which may quote the input, in words of our own. */
const PROBLEMS: readonly [start: string, problem: string][] = [
  ["Missing required property", "a required field is missing"],
  ["Invalid additional property", "R4 defines no such field"],
  ["Expected array", "a list was expected"],
  ["Expected single", "a single value was expected"],
  ["Invalid number of values", "too many or too few values"],
  ["Invalid JSON type", "the wrong JSON type"],
  ["Invalid resource type", "not a resource type of R4"],
  ["Invalid null value", "null is not allowed"],
  ["Invalid empty value", "an empty value is not allowed"],
];

function translate(issue: OperationOutcomeIssue, resource: Resource, place: string): FhirIssue[] {
  // Warnings speak of references that cannot be told to be right (every urn:uuid) and of matters judged here.
  if (issue.severity !== "error") return [];
  const text = issue.details?.text ?? "";
  const inside = concretePath(resource, (issue.expression?.[0] ?? "").replace(/^[A-Za-z]+\.?/, ""));
  // The other check looks at base64Binary, and at long texts as their type asks.
  if (/^Invalid base64Binary|^String cannot be larger/.test(text)) return [];
  const constraint = /^Constraint ([A-Za-z0-9-]{1,20}) not met/.exec(text)?.[1];
  const format = /^Invalid ([A-Za-z0-9]{1,20}) format/.exec(text)?.[1];
  const problem =
    PROBLEMS.find(([start]) => text.startsWith(start))?.[1] ??
    (constraint && `breaks the constraint ${constraint}`) ??
    (format && `not a ${format}`) ??
    "not valid in R4";
  // A text where R4 has an object is gone through character by character.
  const owner = /^(.+)\.\d+$/.exec(inside)?.[1];
  if (owner !== undefined && typeof valueAt(resource, owner) === "string")
    return [{ place: joinPlace(place, safeSteps(owner)), problem: "the wrong JSON type" }];
  return [{ place: joinPlace(place, safeSteps(inside)), problem }];
}

const safeSteps = (path: string): string =>
  path.replace(/[^.[\]]+/g, (part) => (/^\d+$/.test(part) ? part : safeName(part)));

/** Longer than the library looks at. */
const LONG = "A".repeat(MAX_STRING + 1);

/**
 * The same resource with another long text for each long text: of an attachment of many megabytes the library's pattern for
 * base64 can exhaust the stack, and of other long texts it only says that they are long.
 */
function shortened<T>(value: T): T {
  if (!hasLong(value)) return value;
  if (typeof value === "string") return LONG as T;
  if (Array.isArray(value)) return value.map(shortened) as T;
  return Object.fromEntries(Object.entries(value as object).map(([key, child]) => [key, shortened(child)])) as T;
}

function hasLong(value: unknown): boolean {
  if (typeof value === "string") return value.length > MAX_STRING;
  return typeof value === "object" && value !== null && Object.values(value).some(hasLong);
}

/** The library writes `value[x].unit`; this puts in the choice that the resource made, `valueQuantity.unit`. */
function concretePath(resource: Resource, path: string): string {
  let concrete = path;
  for (let at = concrete.indexOf("[x]"); at !== -1; at = concrete.indexOf("[x]", at + 1)) {
    const [owner = "", name = concrete.slice(0, at)] = /^(.*)\.([^.]+)$/.exec(concrete.slice(0, at))?.slice(1) ?? [];
    const node = valueAt(resource, owner);
    const key = Object.keys(typeof node === "object" && node !== null ? node : {}).find((one) =>
      new RegExp(`^${name}[A-Z]`).test(one),
    );
    if (key !== undefined) concrete = `${owner === "" ? "" : `${owner}.`}${key}${concrete.slice(at + 3)}`;
  }
  return concrete;
}

function valueAt(resource: Resource, path: string): unknown {
  let node: unknown = resource;
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    if (typeof node !== "object" || node === null) return undefined;
    node = (node as Record<string, unknown>)[step];
  }
  return node;
}
