import type { Resource } from "@medplum/fhirtypes";

/**
 * The reference to the encounter that a resource belongs to, as it is written, if it names exactly one.
 *
 * Most types have `encounter`, some `context`; a DocumentReference has `context.encounter`, a Claim or
 * ExplanationOfBenefit names it on each item.
 *
 * @example
 * encounterReference(observation) // "urn:uuid:0dc3ba8f-387f-45cc-9ad9-82312e6a12f3"
 */
export function encounterReference(resource: Resource): string | undefined {
  const { encounter, context, item } = resource as { encounter?: unknown; context?: unknown; item?: unknown };
  const candidates = [
    ...asList(encounter),
    ...asList(context),
    ...asList(context).flatMap((one) => asList(one?.["encounter"])),
    ...asList(item).flatMap((one) => asList(one?.["encounter"])),
  ];
  const names = candidates.map((one) => one?.["reference"]).filter((name) => typeof name === "string");
  const [only, another] = new Set(names);
  return another === undefined ? only : undefined;
}

type Loose = Record<string, unknown> | null | undefined;

function asList(value: unknown): Loose[] {
  if (Array.isArray(value)) return value as Loose[];
  return typeof value === "object" && value !== null ? [value as Record<string, unknown>] : [];
}
