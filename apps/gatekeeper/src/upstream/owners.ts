import type { Patient, Resource } from "@medplum/fhirtypes";
import { isChartChainError } from "chartchain/errors";
import { claimsIn, type FhirEntry, identifyPatient, parseLiteral, subjectsOf, TRAVELLING } from "chartchain/fhir";

import type { Sent } from "./source.js";

/** Whose a resource of the hospital's FHIR server is, by what it says itself. */
export type Whose =
  /** A Patient's of that server, by its id. */
  | { is: "of"; patient: string }
  /** Nobody's: it goes with whatever refers to it. */
  | { is: "companion" }
  /** It says something about other resources: whose these are says whose it is. */
  | { is: "about"; targets: string[] }
  /** Somebody's, and it doesn't say clearly whose. */
  | { is: "unclear" };

/** An entry, as it came from that server. */
export const entryOf = (base: string, { type, id, json }: Sent): FhirEntry => ({
  ...{ resource: JSON.parse(json) as Resource, json, fullUrl: `${base}/${type}/${id}` },
  ...{ place: type, file: base },
});

/** What a resource says of whose it is. What names another server's patient, or two, is unclear. */
export function whoseIs(base: string, sent: Sent): Whose {
  const { type, id } = sent;
  if (type === "Patient") return { is: "of", patient: id };
  const entry = entryOf(base, sent);
  const { claims } = claimsIn([entry]);
  if (claims.length === 0) {
    const { resource } = entry;
    if (resource.resourceType === "Provenance")
      return { is: "about", targets: resource.target.flatMap(({ reference }) => localOf(base, reference) ?? []) };
    const subjects = subjectsOf(resource);
    const isNobodys = subjects.length === 0 || (TRAVELLING.has(type) && subjects.every((one) => !one.meansPerson));
    return { is: isNobodys ? "companion" : "unclear" };
  }
  const names = new Set(claims.flatMap(({ ids, patient }) => (patient === undefined ? ids : [...ids, ""])));
  const [only, another] = [...names].map((name) => localOf(base, name));
  const [kind, patient] = only?.split("/") ?? [];
  return another === undefined && names.size === 1 && kind === "Patient" && patient !== undefined
    ? { is: "of", patient }
    : { is: "unclear" };
}

/** `Type/id` of what is on that server. */
export function localOf(base: string, reference: string | undefined): string | undefined {
  const literal = parseLiteral(reference ?? "");
  if (literal === undefined || (literal.base !== undefined && !isSame(literal.base, base))) return undefined;
  return `${literal.type}/${literal.id}`;
}

/** One server answers under both, and spells its host as it likes. */
const isSame = (one: string, other: string): boolean => {
  const [ours, theirs] = [one, other].map((url) => url.toLowerCase().replace(/^https?:/, ""));
  return ours === theirs;
};

/** Whether a resource is this Patient's and nobody else's, whatever it refers to. */
export function isOnlyOf(patient: FhirEntry & { resource: Patient }, entry: FhirEntry): boolean {
  try {
    identifyPatient("upstream", [patient, entry]);
    return true;
  } catch (error) {
    if (isChartChainError(error)) return false;
    throw error;
  }
}
