import type { Identifier, Patient } from "@medplum/fhirtypes";
import { canonicalSystem, canonicalValue } from "./number-systems.js";
import { identifiersOf, namesSomebody } from "./person-numbers.js";
import { parseAnyLiteral } from "./references.js";

/** Which servers an input knows of an id: `"1"` → `https://a.example/fhir`, `https://b.example/fhir`. */
export type ServersOfId = ReadonlyMap<string, ReadonlySet<string>>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * One form for what names one thing: without the version, the host in lower case, an identifier as its system writes it.
 *
 * @example
 * canonicalName("https://A.example/fhir/Patient/1/_history/3") // "https://a.example/fhir/Patient/1"
 */
export function canonicalName(name: string): string {
  const [, system, value] = /^identifier:([^|]*)\|(.*)$/s.exec(name) ?? [];
  if (system !== undefined && value !== undefined) {
    return `identifier:${canonicalSystem(system)}|${canonicalValue(system, value)}`;
  }
  if (/^urn:(uuid|oid):/i.test(name)) return name.toLowerCase();
  const literal = parseAnyLiteral(name);
  if (!literal) return name;
  const { base, type, id } = literal;
  return `${base === undefined ? "" : `${canonicalBase(base)}/`}${type}/${id}`;
}

/**
 * A name in the form under which it means one person wherever it stands.
 *
 * @returns undefined for an id without its server, unless it is a UUID: every server has a Patient/1
 * @example
 * lastingName("http://A.example/fhir/Patient/1") // "https://a.example/fhir/Patient/1": one server answers under both
 */
export function lastingName(name: string): string | undefined {
  const canonical = canonicalName(name);
  if (/^(identifier|urn):/.test(canonical)) return canonical;
  const { base, id = "" } = parseAnyLiteral(canonical) ?? {};
  if (base !== undefined) return canonical.replace(/^http:/, "https:");
  return UUID.test(id) ? `urn:uuid:${id.toLowerCase()}` : undefined;
}

/** The root of a server, as it is compared. */
export const canonicalBase = (base: string): string =>
  base.replace(/^https?:\/\/[^/]+/i, (origin) => origin.toLowerCase());

/** An identifier as a name, as the input writes it. */
export const identifierName = ({ system = "", value = "" }: Identifier): string => `identifier:${system}|${value}`;

/**
 * Every name of a Patient resource: fullUrl; `Patient/id` where no server is known, for ids are a server's own; and the
 * identifiers that name one person.
 */
export function namesOfPatient({ id, identifier }: Patient, fullUrl?: string): string[] {
  const names = new Set<string>();
  if (fullUrl !== undefined) names.add(canonicalName(fullUrl));
  if (id !== undefined) {
    if (fullUrl === undefined || parseAnyLiteral(fullUrl)?.base === undefined) names.add(`Patient/${id}`);
    if (UUID.test(id)) names.add(`urn:uuid:${id.toLowerCase()}`);
  }
  for (const name of identifierNames(identifier)) names.add(name);
  return [...names];
}

/** Only a system and a value together identify; a contained Patient has no other lasting name. */
export const identifierNames = (identifiers: unknown): string[] =>
  identifiersOf(identifiers).filter(namesSomebody).map(identifierName);

/**
 * Whether names of a patient include a name. A name without a server and one with are the same only where the input
 * knows no other server with that id.
 *
 * @param names of the patient
 * @param name in canonical form
 */
export function includesName(names: ReadonlySet<string>, name: string, servers: ServersOfId): boolean {
  if (names.has(name)) return true;
  // A UUID is one and the same thing, as a fullUrl and as an id.
  const uuid = name.replace(/^urn:uuid:/, "");
  if (UUID.test(uuid)) return names.has(`Patient/${uuid}`);
  const literal = parseAnyLiteral(name);
  if (literal?.type !== "Patient") return false;
  if (literal.base === undefined && names.has(`urn:uuid:${literal.id.toLowerCase()}`)) return true;
  const known = servers.get(literal.id) ?? new Set();
  if (known.size > 1) return false;
  if (literal.base !== undefined) return names.has(`Patient/${literal.id}`);
  return [...known].some((base) => names.has(`${base}/Patient/${literal.id}`));
}

/**
 * Whether somebody with all these names is the patient: every reference is one of the patient's, and no identifier is
 * another one than the patient has in that system.
 *
 * @param names of the patient
 * @param given in canonical form
 */
export function isNamedBy(names: ReadonlySet<string>, given: readonly string[], servers: ServersOfId): boolean {
  const isOwn = given.map((name) => includesName(names, name, servers));
  return isOwn.includes(true) && given.every((name, at) => isOwn[at] === true || isUnknownNumber(names, name));
}

/** An identifier of a system in which the patient has none. */
function isUnknownNumber(names: ReadonlySet<string>, name: string): boolean {
  const [system] = /^identifier:[^|]*\|/.exec(name) ?? [];
  return system !== undefined && ![...names].some((one) => one.startsWith(system));
}

/** Whether the patient has an identifier of this value, in whatever system, written as that system is read. */
export const hasValue = (names: ReadonlySet<string>, value: string): boolean =>
  [...names].some((name) => {
    const [, system, own] = /^identifier:([^|]*)\|(.*)$/s.exec(name) ?? [];
    return system !== undefined && canonicalValue(system, value) === own;
  });

/**
 * The Patient resources that one says are of the same person, as names in canonical form.
 *
 * Source: https://hl7.org/fhir/R4/patient-definitions.html#Patient.link
 *
 * @param types of link; every one by default
 */
export function linkedNames({ link }: Patient, fullUrl?: string, types?: readonly string[]): string[] {
  const list: unknown[] = Array.isArray(link) ? link : [];
  return list.flatMap((item) => {
    const { other, type } = (item ?? {}) as NonNullable<Patient["link"]>[number];
    const reference: unknown = other?.reference;
    if (typeof reference !== "string" || (types && !types.includes(type))) return [];
    const name = absoluteName(reference, fullUrl);
    return parseAnyLiteral(name)?.type === "Patient" || name.startsWith("urn:") ? [name] : [];
  });
}

/**
 * A reference in canonical form; a relative one means the server that its entry came from.
 * Source: https://hl7.org/fhir/R4/bundle.html#references
 */
export function absoluteName(reference: string, fullUrl: string | undefined): string {
  const literal = parseAnyLiteral(reference);
  const base = fullUrl === undefined ? undefined : parseAnyLiteral(fullUrl)?.base;
  const isRelative = literal !== undefined && literal.base === undefined && base !== undefined;
  return canonicalName(isRelative ? `${base}/${reference}` : reference);
}
