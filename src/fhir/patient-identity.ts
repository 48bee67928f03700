import type { Patient, Reference, Resource } from "@medplum/fhirtypes";
import { ChartChainError } from "../errors/index.js";
import type { FhirEntry, PatientIdentity } from "./parsed.js";
import { joinPlace } from "./place.js";
import { identifierTokens, parseConditional, parseLiteral, type Resolver, resolverOf } from "./references.js";
import { subjectsOf, type SubjectReference } from "./subject.js";

const PERSON_ELEMENTS = /^(subject|patient|beneficiary|individual|for|candidate)\b/;

/**
 * Says whom an input is about, and refuses it when that is nobody or more than one person.
 *
 * A Bundle must carry its Patient resource. A single resource may name its patient by reference alone.
 *
 * @throws ChartChainError NO_PATIENT, MULTIPLE_PATIENTS, FOREIGN_PATIENT
 * @example
 * identifyPatient("bundle.json", entries, true).reference // "urn:uuid:845ac958-…"
 */
export function identifyPatient(file: string, entries: readonly FhirEntry[], isBundle: boolean): PatientIdentity {
  const patients = entries.flatMap(patientsIn);
  const [first] = patients;
  if (!first) {
    if (isBundle) throw noPatient(file, "the Bundle has no Patient resource");
    return namedBySubject(file, entries);
  }
  const identity = identityOf(first, patients);
  for (const other of patients) {
    if (other.patient === first.patient) continue;
    if (!isSamePerson(first, other, identity.names)) {
      throw new ChartChainError(
        "MULTIPLE_PATIENTS",
        `${file} is about more than one patient: ${first.place} and ${other.place}`,
        { details: { file, places: [first.place, other.place] }, hint: "Give each patient an input of their own." },
      );
    }
  }
  const resolve = resolverOf(entries);
  for (const entry of entries) assertAbout(entry, identity, resolve);
  return identity;
}

interface FoundPatient {
  patient: Patient;
  fullUrl?: string;
  place: string;
}

/** The Patient resources of an entry: itself, or those of a Bundle inside it. */
function patientsIn(entry: FhirEntry): FoundPatient[] {
  const { resource, fullUrl, place } = entry;
  if (resource.resourceType === "Patient") {
    return [fullUrl === undefined ? { patient: resource, place } : { patient: resource, fullUrl, place }];
  }
  return innerEntries(entry).flatMap(patientsIn);
}

/** The entries of a Bundle that is itself an entry; their text is not needed here. */
function innerEntries({ resource, place, file }: FhirEntry): FhirEntry[] {
  if (resource.resourceType !== "Bundle") return [];
  return (resource.entry ?? []).flatMap(({ resource: inner, fullUrl }, at) => {
    if (inner === undefined) return [];
    const innerPlace = `${joinPlace(place, `entry[${at}].resource`)} (${inner.resourceType})`;
    return [{ resource: inner, ...(fullUrl === undefined ? {} : { fullUrl }), json: "", place: innerPlace, file }];
  });
}

/** An identifier alone is not believed against different birth dates; a version of the same resource may correct one. */
function isSamePerson(one: Named, other: Named, names: readonly string[]): boolean {
  const shared = namesOfPatient(other.patient, other.fullUrl).filter((name) => names.includes(name));
  if (shared.some((name) => !name.startsWith("identifier:"))) return true;
  return shared.length > 0 && areBirthDatesCompatible(one.patient.birthDate, other.patient.birthDate);
}

type Named = Pick<FoundPatient, "patient" | "fullUrl">;

/** Whether two birth dates can be one person's: one is missing, or one is the other with less precision. */
export function areBirthDatesCompatible(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one.startsWith(other) || other.startsWith(one);
}

/** Every name of a Patient resource: fullUrl, `Patient/id`, identifiers. */
export function namesOfPatient(patient: Patient, fullUrl?: string): string[] {
  const names = new Set<string>();
  if (fullUrl !== undefined) names.add(fullUrl);
  const fromUrl = fullUrl === undefined ? undefined : parseLiteral(fullUrl);
  if (fromUrl?.type === "Patient") names.add(`Patient/${fromUrl.id}`);
  if (patient.id !== undefined) names.add(`Patient/${patient.id}`);
  for (const name of identifierNames(patient)) names.add(name);
  return [...names];
}

/** Only a system and a value together identify; a contained Patient has no other lasting name. */
function identifierNames(patient: Patient): string[] {
  return identifierTokens(patient)
    .filter((token) => token.includes("|"))
    .map((token) => `identifier:${token}`);
}

function identityOf(first: FoundPatient, all: readonly FoundPatient[]): PatientIdentity {
  const names = new Set(namesOfPatient(first.patient, first.fullUrl));
  // A history holds one patient in several versions, whose identifiers may have changed.
  for (const { patient, fullUrl } of all) {
    if (!isSamePerson(first, { patient, ...(fullUrl === undefined ? {} : { fullUrl }) }, [...names])) continue;
    for (const name of namesOfPatient(patient, fullUrl)) names.add(name);
  }
  const reference = first.fullUrl ?? (first.patient.id === undefined ? "Patient" : `Patient/${first.patient.id}`);
  return { reference, resource: first.patient, names: [...names] };
}

function namedBySubject(file: string, entries: readonly FhirEntry[]): PatientIdentity {
  const named = new Map<string, PatientIdentity>();
  const places: string[] = [];
  for (const entry of entries) {
    for (const subject of subjectsOf(entry.resource)) {
      const identity = identityFromReference(subject.reference, entry.resource);
      if (!identity) continue;
      named.set(identity.reference, identity);
      places.push(joinPlace(entry.place, subject.path));
    }
  }
  const [identity, another] = [...named.values()];
  if (!identity) throw noPatient(file, "it is not a Patient and its subject is none");
  if (another) {
    throw new ChartChainError("MULTIPLE_PATIENTS", `${file} is about more than one patient: ${places.join(", ")}`, {
      details: { file, places },
      hint: "Give each patient an input of their own.",
    });
  }
  return identity;
}

function identityFromReference(reference: Reference, owner: Resource): PatientIdentity | undefined {
  const text = reference.reference;
  if (text?.startsWith("#")) {
    const contained = containedPatient(owner, text);
    return contained && { reference: text, resource: contained, names: identifierNames(contained) };
  }
  if (text === undefined) {
    const { system, value } = reference.identifier ?? {};
    if (reference.type !== "Patient" || system === undefined || value === undefined) return undefined;
    return { reference: `Patient?identifier=${system}|${value}`, names: [`identifier:${system}|${value}`] };
  }
  const conditional = parseConditional(text);
  if (conditional?.type === "Patient") return { reference: text, names: [`identifier:${conditional.token}`] };
  const literal = parseLiteral(text);
  if (literal?.type === "Patient") {
    const short = literal.base === undefined ? text.replace(/\/_history\/.*$/, "") : text;
    return { reference: short, names: [`Patient/${literal.id}`, ...(literal.base === undefined ? [] : [short])] };
  }
  return reference.type === "Patient" ? { reference: text, names: [text] } : undefined;
}

function containedPatient(owner: Resource, fragment: string): Patient | undefined {
  const contained = (owner as { contained?: Resource[] }).contained ?? [];
  return contained.find(
    (inner): inner is Patient => inner.resourceType === "Patient" && `#${inner.id ?? ""}` === fragment,
  );
}

function assertAbout(entry: FhirEntry, identity: PatientIdentity, resolve: Resolver): void {
  const { resource, file } = entry;
  if (resource.resourceType === "Bundle") {
    for (const inner of innerEntries(entry)) assertAbout(inner, identity, resolve);
    return;
  }
  for (const subject of subjectsOf(resource)) {
    if (!isForeign(subject, resource, identity.names, resolve)) continue;
    const place = joinPlace(entry.place, subject.path);
    throw new ChartChainError("FOREIGN_PATIENT", `${file}: ${place} refers to another patient`, {
      details: { file, place },
      hint: "Remove the resource or give the other patient an input of their own.",
    });
  }
}

/** Whether a subject is certainly, or for an unresolvable urn possibly, another person. */
function isForeign(
  { reference, path }: SubjectReference,
  owner: Resource,
  names: readonly string[],
  resolve: Resolver,
): boolean {
  const text = reference.reference;
  if (text === undefined) {
    const { system, value } = reference.identifier ?? {};
    if (system === undefined || value === undefined) return false;
    const sameSystem = names.filter((name) => name.startsWith(`identifier:${system}|`));
    return (
      reference.type === "Patient" && sameSystem.length > 0 && !sameSystem.includes(`identifier:${system}|${value}`)
    );
  }
  if (names.includes(text)) return false;
  if (text.startsWith("#")) {
    const contained = containedPatient(owner, text);
    return contained !== undefined && !identifierNames(contained).some((name) => names.includes(name));
  }
  const conditional = parseConditional(text);
  if (conditional) return conditional.type === "Patient" && !names.includes(`identifier:${conditional.token}`);
  const literal = parseLiteral(text);
  if (literal) {
    if (literal.type !== "Patient") return false;
    if (!names.includes(`Patient/${literal.id}`)) return true;
    // The same id on another server is another person; without a server of our own it cannot be told apart.
    const own = names.map(parseLiteral).filter((name) => name?.base !== undefined);
    return literal.base !== undefined && own.length > 0 && !own.some((name) => name?.base === literal.base);
  }
  // A urn that leads nowhere cannot be shown to be this patient; these elements mean a person in nearly every type.
  const meansPerson = reference.type === "Patient" || PERSON_ELEMENTS.test(path);
  return meansPerson && /^urn:(uuid|oid):/.test(text) && resolve(text).length === 0;
}

function noPatient(file: string, why: string): ChartChainError {
  return new ChartChainError("NO_PATIENT", `${file} names no patient: ${why}`, {
    details: { file },
    hint: "Add the Patient resource, or for a single resource a reference to the patient.",
  });
}
