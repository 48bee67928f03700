import type { Identifier, Patient, Reference, Resource } from "@medplum/fhirtypes";
import { absoluteName, canonicalName, identifierName, type ServersOfId } from "./patient-names.js";
import { canonicalSystem, isPersonSystem } from "./number-systems.js";
import { identifiersOf, namesSomebody, personNumbers } from "./person-numbers.js";
import { identifierTokens, parseAnyLiteral, parseConditional } from "./references.js";
import { isResourceType } from "./resource-types.js";
import type { Scope } from "./scopes.js";
import { isAboutSomebody, subjectsOf, type SubjectReference } from "./subject.js";

/** What a reference to a subject says. */
export type SubjectReading =
  /** Somebody with all these names, in canonical form. */
  | { is: "named"; names: string[]; written: string }
  /** Somebody with an identifier of this value, whatever its system. */
  | { is: "valued"; value: string }
  | { is: "contained"; patient: Patient }
  /** What can't be a patient. */
  | { is: "nobody" }
  /** Perhaps somebody, but nothing says who. */
  | { is: "unread" };

/** What is known of an input when one of its references is read. */
export interface InputIndex {
  /** Types of the resources under a fullUrl, or under an identifier. */
  types: ReadonlyMap<string, ReadonlySet<string>>;
  servers: ServersOfId;
  /** Systems of the identifiers that Patient resources have. */
  systems: ReadonlySet<string>;
}

/** Reads fullUrls, identifiers and servers of an input once. */
export function indexOf(scopes: readonly Scope[]): InputIndex {
  const types = new Map<string, Set<string>>();
  const servers = new Map<string, Set<string>>();
  const systems = new Set<string>();
  const note = (map: Map<string, Set<string>>, key: string, value: string): void => {
    const set = map.get(key);
    if (set) set.add(value);
    else map.set(key, new Set([value]));
  };
  const noteServer = (name: string): void => {
    const literal = parseAnyLiteral(name);
    if (literal?.type === "Patient" && literal.base !== undefined) note(servers, literal.id, literal.base);
  };
  const bases = new Set<string>();
  const atNoServer: string[] = [];
  for (const scope of scopes) {
    const { resource, fullUrl, isContained } = scope;
    const base = fullUrl === undefined ? undefined : parseAnyLiteral(canonicalName(fullUrl))?.base;
    if (base !== undefined && isAboutSomebody(resource)) bases.add(base);
    if (resource.resourceType === "Patient" && !isContained && base === undefined && resource.id !== undefined)
      atNoServer.push(resource.id);
    if (!isContained && fullUrl !== undefined) {
      note(types, canonicalName(fullUrl), resource.resourceType);
      if (resource.resourceType === "Patient") noteServer(canonicalName(fullUrl));
    }
    if (resource.resourceType === "Patient") {
      for (const { system } of personNumbers(resource)) systems.add(system);
    }
    for (const token of identifierTokens(resource))
      note(types, canonicalName(`identifier:${token}`), resource.resourceType);
    for (const { reference } of subjectsOf(resource)) {
      if (typeof reference.reference === "string") noteServer(absolute(reference.reference, scope));
    }
  }
  // A Patient without a server may be of any that the input's other data came from.
  for (const id of atNoServer) for (const base of bases) note(servers, id, base);
  return { types, servers, systems };
}

const absolute = (text: string, { fullUrl }: Scope): string => absoluteName(text, fullUrl);

/**
 * Reads one reference to a subject.
 *
 * @param subject the reference, and whether its element means a person
 * @param scope the resource that it stands in
 * @param index of the whole input
 * @example
 * readSubject(subject, scope, index) // { is: "named", names: ["https://b.example/fhir/Patient/1"], … }
 */
export function readSubject(subject: SubjectReference, scope: Scope, index: InputIndex): SubjectReading {
  const reading = read(subject, scope, index);
  return reading.is === "unread" && !subject.meansPerson && !looksLikePatient(subject.reference)
    ? { is: "nobody" }
    : reading;
}

function read({ reference, meansPerson }: SubjectReference, scope: Scope, index: InputIndex): SubjectReading {
  const { reference: text } = reference;
  const [identifier] = identifiersOf([reference.identifier]);
  const type = typeNamed(reference);
  if (text === undefined) return readIdentifier(identifier, type, meansPerson, index);
  if (typeof text !== "string") return { is: "unread" };
  const isOther = type !== undefined && !looksLikePatient(reference);
  if (isOther && text.startsWith("urn:")) return ofTypes([type]);
  const reading = readText(text, meansPerson || type === "Patient", scope, index);
  if (isOther && reading.is === "unread") return ofTypes([type]);
  if (type === "Patient" && reading.is === "nobody") return { is: "unread" };
  // What gives both a reference and an identifier means somebody who has both.
  if (reading.is !== "named" || identifier === undefined || !namesSomebody(identifier)) return reading;
  return { ...reading, names: [...reading.names, canonicalName(identifierName(identifier))] };
}

/** `Reference.type`, which may also be written as the URL of the type's definition. */
function typeNamed({ type }: Reference): string | undefined {
  return typeof type === "string" ? type.replace(/^http:\/\/hl7\.org\/fhir\/StructureDefinition\//, "") : undefined;
}

function readText(text: string, meansPerson: boolean, scope: Scope, index: InputIndex): SubjectReading {
  if (text.startsWith("#")) return readFragment(text, scope);
  const conditional = parseConditional(text);
  if (conditional) return conditional.type === "Patient" ? readConditional(text, scope) : ofTypes([conditional.type]);
  const name = absolute(text, scope);
  const known = index.types.get(name);
  if (known) return known.has("Patient") ? { is: "named", names: [name], written: text } : ofTypes(known);
  const literal = parseAnyLiteral(name);
  if (literal) {
    return literal.type === "Patient"
      ? { is: "named", names: [name], written: written(text) }
      : ofTypes([literal.type]);
  }
  // It leads out of the input, as in a record that comes without its Patient.
  if (/^urn:(uuid|oid):/i.test(text))
    return meansPerson ? { is: "named", names: [name], written: text } : { is: "unread" };
  // An id that can't be read, of a type that can.
  const [, start = ""] = /^([A-Za-z]+)\//.exec(text) ?? [];
  return ofTypes([start]);
}

/** A relative, or a Person, is somebody else than the patient. */
const PEOPLE: ReadonlySet<string> = new Set(["Patient", "RelatedPerson", "Person"]);

function ofTypes(types: Iterable<string>): SubjectReading {
  const list = [...types];
  return list.every((type) => isResourceType(type) && !PEOPLE.has(type)) ? { is: "nobody" } : { is: "unread" };
}

/** A relative reference means no one version of the patient. */
const written = (text: string): string =>
  parseAnyLiteral(text)?.base === undefined ? text.replace(/\/_history\/.*$/, "") : text;

/** "#" is what a contained resource calls its container. */
function readFragment(text: string, { container, isContained }: Scope): SubjectReading {
  const { contained } = container as { contained?: unknown };
  const list = Array.isArray(contained) ? (contained as (Resource | null)[]) : [];
  const inner = list.find((one) => one?.id !== undefined && `#${one.id}` === text);
  const target = text === "#" && isContained ? container : inner;
  if (!target) return { is: "unread" };
  return target.resourceType === "Patient" ? { is: "contained", patient: target } : ofTypes([target.resourceType]);
}

/** Identifier and id tell who is meant; other parameters only narrow a search. */
function readConditional(text: string, scope: Scope): SubjectReading {
  const { base, parameters = [] } = parseConditional(text) ?? {};
  const names: string[] = [];
  let value: string | undefined;
  for (const [name, given] of parameters) {
    if (name !== "_id" && !/^identifier\b/.test(name)) continue;
    // A list of values, or a modifier that turns the search around or asks for something else.
    if (/(^|[^\\]),/.test(given) || name.includes(":") || given === "") return { is: "unread" };
    if (name === "_id") {
      names.push(absolute(`${base === undefined ? "" : `${base}/`}Patient/${given}`, scope));
      continue;
    }
    const plain = given.replace(/\\([,$|\\])/g, "$1");
    const [system, number] = splitToken(plain);
    if (system === undefined) value = number;
    else if (system === "" || !namesSomebody({ system, value: number })) return { is: "unread" };
    else names.push(canonicalName(`identifier:${plain}`));
  }
  if (names.length > 0) return value === undefined ? { is: "named", names, written: text } : { is: "unread" };
  return value === undefined ? { is: "unread" } : { is: "valued", value };
}

function splitToken(token: string): [system: string | undefined, value: string] {
  const at = token.indexOf("|");
  return at === -1 ? [undefined, token] : [token.slice(0, at), token.slice(at + 1)];
}

function readIdentifier(
  identifier: Identifier | undefined,
  type: string | undefined,
  meansPerson: boolean,
  { types, systems }: InputIndex,
): SubjectReading {
  if (type !== undefined && type !== "Patient") return ofTypes([type]);
  if (identifier === undefined || !namesSomebody(identifier)) return { is: "unread" };
  const name = canonicalName(identifierName(identifier));
  const known = types.get(name);
  const { system = "", value = "" } = identifier;
  if (type === undefined && known && !known.has("Patient")) return ofTypes(known);
  const isOfPeople =
    meansPerson || type === "Patient" || isPersonSystem(system) || systems.has(canonicalSystem(system));
  if (!isOfPeople) return { is: "nobody" };
  return { is: "named", names: [name], written: `Patient?identifier=${system}|${value}` };
}

function looksLikePatient(reference: Reference): boolean {
  return typeNamed(reference) === "Patient" || /(^|\/)Patient([/?]|$)/i.test(String(reference.reference));
}
