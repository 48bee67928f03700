import type { CodeSystem, CodeSystemConcept, Resource, ValueSet } from "@medplum/fhirtypes";

/** Codes of a value set, or undefined where they cannot be listed (a filter, or a code system that is not at hand). */
export type RequiredCodes = (valueSetUrl: string) => ReadonlySet<string> | undefined;

/**
 * Expands value sets of R4's required bindings from the definitions, each once, when first asked for.
 *
 * Only enumerations and whole code systems are expanded; languages, media types and units are not checked.
 *
 * @param terminology ValueSet and CodeSystem resources
 * @example
 * requiredCodes(terminology)("http://hl7.org/fhir/ValueSet/observation-status|4.0.1")?.has("final") // true
 */
export function requiredCodes(terminology: readonly Resource[]): RequiredCodes {
  const valueSets = new Map<string, ValueSet>();
  const systems = new Map<string, CodeSystem>();
  for (const resource of terminology) {
    if (resource.resourceType === "ValueSet" && resource.url !== undefined) valueSets.set(resource.url, resource);
    if (resource.resourceType === "CodeSystem" && resource.url !== undefined) systems.set(resource.url, resource);
  }
  const known = new Map<string, ReadonlySet<string> | undefined>();

  const expand = (url: string): ReadonlySet<string> | undefined => {
    const compose = valueSets.get(url)?.compose;
    if (!compose || compose.exclude) return undefined;
    const codes = new Set<string>();
    for (const { system, concept, filter, valueSet } of compose.include) {
      if (filter || valueSet) return undefined;
      if (concept) {
        for (const { code } of concept) if (code !== undefined) codes.add(code);
        continue;
      }
      const whole = system === undefined ? undefined : systems.get(system);
      if (whole?.content !== "complete") return undefined;
      addAll(whole.concept ?? [], codes);
    }
    return codes.size === 0 ? undefined : codes;
  };

  return (versioned) => {
    const url = versioned.replace(/\|.*$/, "");
    if (!known.has(url)) known.set(url, expand(url));
    return known.get(url);
  };
}

function addAll(concepts: readonly CodeSystemConcept[], codes: Set<string>): void {
  for (const { code, concept } of concepts) {
    if (code !== undefined) codes.add(code);
    if (concept) addAll(concept, codes);
  }
}
