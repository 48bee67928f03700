import type { Patient } from "@medplum/fhirtypes";
import { ChartChainError } from "../errors/index.js";
import type { FhirEntry, PatientIdentity } from "./parsed.js";
import { canonicalName, hasValue, identifierNames, isNamedBy, linkedNames, namesOfPatient } from "./patient-names.js";
import { joinPlace } from "./place.js";
import { type InputIndex, indexOf, readSubject, type SubjectReading } from "./read-subject.js";
import { referencesOf } from "./references.js";
import { comparePeople, type PersonComparison } from "./same-person.js";
import { type Scope, scopesOf } from "./scopes.js";
import { subjectsOf } from "./subject.js";

/**
 * Says whom an input is about, and refuses it when that is nobody or more than one person.
 *
 * The patient is the Patient resource of the input, or whom every subject names. Every resource is asked, however deep it
 * stands. A subject that can't be read counts as somebody else; what can't be a patient is no matter.
 *
 * @throws ChartChainError NO_PATIENT, MULTIPLE_PATIENTS, FOREIGN_PATIENT
 * @example
 * identifyPatient("bundle.json", entries).reference // "urn:uuid:845ac958-…"
 */
export function identifyPatient(file: string, entries: readonly FhirEntry[]): PatientIdentity {
  const scopes = scopesOf(entries);
  const index = indexOf(scopes);
  const subjects = readSubjects(scopes, index);
  const patients = scopes.flatMap(asPatient);
  const identity = patients.length > 0 ? identityOf(file, patients) : namedBySubjects(file, subjects, index);
  const canonical = new Set(identity.names.map(canonicalName));
  const people = patients.map(({ patient }) => patient);
  for (const { reading, place } of subjects) {
    if (!isAbout(reading, identity, people, canonical, index)) throw foreign(file, place, reading);
  }
  for (const scope of scopes) assertContainedPeople(file, scope, identity);
  return identity;
}

/**
 * Whether nobody but the patient is named in an entry that doesn't say itself whom it is about.
 *
 * @param names of the patient
 */
export function namesNobodyElse(entry: FhirEntry, names: readonly string[]): boolean {
  const scopes = scopesOf([entry]);
  const index = indexOf(scopes);
  const canonical = new Set(names.map(canonicalName));
  const identity = { reference: "Patient", names };
  return readSubjects(scopes, index).every(({ reading }) => isAbout(reading, identity, [], canonical, index));
}

interface FoundPatient {
  patient: Patient;
  fullUrl?: string;
  place: string;
}

/** Contained ones have no identity of their own: whoever refers to them says what they are. */
function asPatient({ resource, isContained, fullUrl, place }: Scope): FoundPatient[] {
  if (resource.resourceType !== "Patient" || isContained) return [];
  return [{ patient: resource, place, ...(fullUrl === undefined ? {} : { fullUrl }) }];
}

interface Subject {
  reading: SubjectReading;
  place: string;
  /** Makes nobody the patient. */
  inPassing: boolean;
}

function readSubjects(scopes: readonly Scope[], index: InputIndex): Subject[] {
  return scopes.flatMap((scope) =>
    subjectsOf(scope.resource).map((subject) => ({
      reading: readSubject(subject, scope, index),
      place: joinPlace(scope.place, subject.path),
      inPassing: subject.inPassing === true,
    })),
  );
}

/** Joins all Patient resources into one person, in whatever order they come. */
function identityOf(file: string, patients: readonly FoundPatient[]): PatientIdentity {
  const [first, ...rest] = patients as [FoundPatient, ...FoundPatient[]];
  const joined = [first];
  const warnings = new Set<string>();
  let left = rest;
  for (let before = -1; left.length !== before;) {
    before = left.length;
    left = left.filter((other) => {
      const found = joined.map((one) => compareFound(one, other));
      const verdicts = found.map(({ verdict }) => verdict);
      if (!verdicts.includes("same") || verdicts.includes("different")) return true;
      for (const warning of found.flatMap((one) => one.warnings)) warnings.add(warning);
      joined.push(other);
      return false;
    });
  }
  const [other] = left;
  if (other) throw multiple(file, [first.place, other.place]);
  const names = new Set(joined.flatMap(namesOfFound));
  const reference = first.fullUrl ?? (first.patient.id === undefined ? "Patient" : `Patient/${first.patient.id}`);
  const told = warnings.size === 0 ? {} : { warnings: [...warnings] };
  return { reference, resource: first.patient, names: [...names], ...told };
}

/** One id, or a link from one to the other: the source says that it is one person. */
function compareFound(one: FoundPatient, other: FoundPatient): PersonComparison {
  const isReference = (name: string): boolean => !name.startsWith("identifier:");
  const names = namesOfFound(one).filter(isReference);
  const others = namesOfFound(other).filter(isReference);
  const links = (from: FoundPatient, to: string[]): boolean =>
    linkedNames(from.patient, from.fullUrl).some((name) => to.includes(name));
  const sameResource = names.some((name) => others.includes(name)) || links(one, others) || links(other, names);
  return comparePeople(one.patient, other.patient, { sameResource });
}

/** What one was merged with is the patient by another name. */
const MERGED = ["replaces", "replaced-by"];

const namesOfFound = ({ patient, fullUrl }: FoundPatient): string[] => [
  ...namesOfPatient(patient, fullUrl),
  ...linkedNames(patient, fullUrl, MERGED),
];

/** The patient of an input without a Patient resource. */
function namedBySubjects(file: string, subjects: readonly Subject[], { servers }: InputIndex): PatientIdentity {
  const telling = subjects.filter(({ inPassing }) => !inPassing);
  const naming = telling.filter(({ reading }) => reading.is === "named" || reading.is === "contained");
  const [first] = naming;
  if (first?.reading.is === "contained") {
    const { patient } = first.reading;
    return { reference: `#${patient.id ?? ""}`, resource: patient, names: identifierNames(patient.identifier) };
  }
  if (first?.reading.is !== "named") {
    const unread = telling.find(({ reading }) => reading.is !== "nobody");
    throw noPatient(file, unread === undefined ? "nothing in it has a subject" : `${unread.place} names nobody`);
  }
  const { names, written } = first.reading;
  const own = new Set(names);
  const other = naming.find(({ reading }) => reading.is === "named" && !isNamedBy(own, reading.names, servers));
  if (other) throw multiple(file, [first.place, other.place]);
  return { reference: written, names };
}

function isAbout(
  reading: SubjectReading,
  { resource }: PatientIdentity,
  people: readonly Patient[],
  names: ReadonlySet<string>,
  { servers }: InputIndex,
): boolean {
  switch (reading.is) {
    case "nobody":
      return true;
    case "named":
      return isNamedBy(names, reading.names, servers);
    case "valued":
      return hasValue(names, reading.value);
    case "contained":
      // A resource inside the Patient itself may call it "#".
      return people.includes(reading.patient) || (resource !== undefined && isSameContained(resource, reading.patient));
    case "unread":
      return false;
  }
}

const isSameContained = (patient: Patient, contained: Patient): boolean =>
  patient === contained || comparePeople(patient, contained).verdict === "same";

/** A contained Patient that acts (performs, requests) is referred to; one that nothing refers to could be anything. */
function assertContainedPeople(file: string, scope: Scope, { resource: patient }: PatientIdentity): void {
  const { resource, container, isContained, place } = scope;
  if (!isContained || resource.resourceType !== "Patient") return;
  const isReferredTo = referencesOf(container).includes(`#${resource.id ?? ""}`);
  if (isReferredTo || (patient !== undefined && isSameContained(patient, resource))) return;
  throw foreign(file, place, { is: "unread" });
}

function foreign(file: string, place: string, { is }: SubjectReading): ChartChainError {
  if (is === "unread") {
    return new ChartChainError("FOREIGN_PATIENT", `${file}: ${place} does not say that it is about this patient`, {
      details: { file, place },
      hint: "Name the patient there by reference, or by an identifier that the Patient resource has.",
    });
  }
  return new ChartChainError("FOREIGN_PATIENT", `${file}: ${place} refers to another patient`, {
    details: { file, place },
    hint: "Remove the resource or give the other patient an input of their own.",
  });
}

const multiple = (file: string, places: readonly string[]): ChartChainError =>
  new ChartChainError("MULTIPLE_PATIENTS", `${file} is about more than one patient: ${places.join(" and ")}`, {
    details: { file, places },
    hint: "Give each patient an input of their own.",
  });

const noPatient = (file: string, why: string): ChartChainError =>
  new ChartChainError("NO_PATIENT", `${file} names no patient: ${why}`, {
    details: { file },
    hint: "Add the Patient resource, or name the patient by reference, or by an identifier with a system and a value that is nobody else's.",
  });
