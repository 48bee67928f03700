import type { JsonPath } from "./json-scan.js";

const PRINTABLE_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

/**
 * Writes a path for an error message, e.g. `entry[12].resource.valueQuantity`.
 *
 * A property name comes from the input and could hold a person's data, so whatever does not look like a FHIR element
 * name is printed as `(field)`.
 *
 * @example
 * formatPath(["entry", 12, "resource"]) // "entry[12].resource"
 */
export function formatPath(path: JsonPath): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${safeName(step)}`))
    .join("")
    .replace(/^\./, "");
}

/** `name` when it looks like an element or type name, else a stand-in that reveals nothing. */
export function safeName(name: unknown): string {
  return typeof name === "string" && PRINTABLE_NAME.test(name) ? name : "(field)";
}

/**
 * Joins a resource's place in its file with a place inside it:
 * `Bundle.entry[12].resource (Observation)` and `valueQuantity.unit`.
 */
export function joinPlace(resourcePlace: string, inside: string): string {
  if (inside === "" || resourcePlace === "") return resourcePlace || inside;
  return inside.startsWith("[") ? `${resourcePlace}${inside}` : `${resourcePlace}.${inside}`;
}
