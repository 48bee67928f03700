/** JSON in which every number keeps its lexeme: 1.00 stays 1.00. Source: https://hl7.org/fhir/R4/json.html#primitive */

/** A value of JSON; a number is opaque. */
export type Exact = string | boolean | null | object | Exact[] | { [key: string]: Exact };

type Raw = { rawJSON(text: string): object };

/** Reads JSON. Numbers come as what {@link writeExact} writes as it was read. */
export function readExact(text: string): Exact {
  // The third argument is newer than the types that this project compiles with.
  const keep = (_: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === "number" && context?.source !== undefined
      ? (JSON as unknown as Raw).rawJSON(context.source)
      : value;
  return JSON.parse(text, keep) as Exact;
}

/** Writes what {@link readExact} read. */
export function writeExact(value: Exact): string {
  return JSON.stringify(value);
}
