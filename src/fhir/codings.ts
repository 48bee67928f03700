import { visit } from "./references.js";

export { systemName, type SystemName } from "./code-system-names.js";

/** A coding found anywhere in a resource. */
export interface FoundCoding {
  system: string;
  code: string;
  display?: string;
}

/**
 * Every Coding in a resource that names its system, contained resources included.
 *
 * @example
 * codingsOf(condition) // [{ system: "http://snomed.info/sct", code: "5602001", display: "Opioid abuse (disorder)" }]
 */
export function codingsOf(resource: object): FoundCoding[] {
  const found: FoundCoding[] = [];
  visit(resource, (key, code, owner) => {
    if (key !== "code" || typeof code !== "string") return;
    const { system, display } = owner as { system?: unknown; display?: unknown };
    if (typeof system !== "string") return;
    found.push({ system, code, ...(typeof display === "string" ? { display } : {}) });
  });
  return found;
}
