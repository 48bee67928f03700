import type { Identifier, Patient, Resource } from "@medplum/fhirtypes";
import type { FhirEntry } from "./parsed.js";
import { canonicalName, identifierName, includesName, linkedNames, namesOfPatient } from "./patient-names.js";
import { identifiersOf, namesSomebody, strengthOf, type PersonNumber, personNumbers } from "./person-numbers.js";
import { joinPlace } from "./place.js";
import { indexOf, readSubject } from "./read-subject.js";
import { parseAnyLiteral } from "./references.js";
import { scopesOf, type Scope } from "./scopes.js";
import { subjectsOf, type SubjectReference } from "./subject.js";

/** What one place of an input says of whose data it is. */
export interface PatientClaim {
  /** Where, e.g. `Observation.subject`. */
  place: string;
  /** Ids of the patient in canonical form: `https://a.example/fhir/Patient/1`, `Patient/1`, `urn:uuid:…`. */
  ids: string[];
  /** Identifiers that can name somebody. */
  identifiers: Identifier[];
  /** `Reference.display`: a hint, which proves nothing. */
  display?: string;
  /** A Patient resource: the one that says it, or the contained one that is referred to. */
  patient?: Patient;
}

/** What an input says of its patient, all places together. */
export interface PatientClaims {
  claims: PatientClaim[];
  /** Whether two ids may be one: an id without a server is the one that the input knows of a server, where it knows one. */
  isSameId: (one: string, other: string) => boolean;
}

/** Nothing is said. */
export const NO_CLAIMS: PatientClaims = { claims: [], isSameId: (one, other) => one === other };

/**
 * What the Patient resources of an input, and its references to a subject, say of whose data it is, each once. What a
 * resource looks at in passing isn't among them, nor is what can't be a patient.
 *
 * @param entries of an input, not checked for whether they are about one patient
 * @example
 * claimsIn(parsed.entries).claims // [{ place: "Observation.subject", ids: ["Patient/1"], identifiers: [] }]
 */
export function claimsIn(entries: readonly FhirEntry[]): PatientClaims {
  const scopes = scopesOf(entries);
  const index = indexOf(scopes);
  const claims = scopes.flatMap((scope) => [
    ...ofPatient(scope),
    ...subjectsOf(scope.resource)
      .filter(({ inPassing }) => inPassing !== true)
      .flatMap((subject): PatientClaim[] => {
        const reading = readSubject(subject, scope, index);
        const said = { place: joinPlace(scope.place, subject.path), ...displayOf(subject) };
        if (reading.is === "contained") {
          const { patient } = reading;
          return [{ ...said, ids: [], identifiers: identifiersOf(patient.identifier).filter(namesSomebody), patient }];
        }
        if (reading.is !== "named") return [];
        const ids = reading.names.filter((name) => !name.startsWith("identifier:"));
        return [{ ...said, ids, identifiers: identifiersSaid(subject, reading.names) }];
      }),
  ]);
  const isSameId = (one: string, other: string): boolean => includesName(new Set([one]), other, index.servers);
  // Of the many places that say the same, the first.
  const distinct = new Map<unknown, PatientClaim>();
  for (const claim of claims) {
    const { ids, identifiers, display, patient } = claim;
    const key = patient ?? JSON.stringify([ids, identifiers, display]);
    if (!distinct.has(key)) distinct.set(key, claim);
  }
  return { claims: [...distinct.values()], isSameId };
}

/** {@link claimsIn} one resource, which may be a Bundle. */
export const claimsInResource = (resource: Resource): PatientClaims =>
  claimsIn([{ resource, json: "", place: resource.resourceType, file: "" }]);

function ofPatient({ resource, isContained, fullUrl, place }: Scope): PatientClaim[] {
  if (resource.resourceType !== "Patient" || isContained) return [];
  const own = namesOfPatient(resource, fullUrl).filter((name) => !name.startsWith("identifier:"));
  const ids = [...own, ...linkedNames(resource, fullUrl, ["replaces", "replaced-by"])];
  return [{ place, ids, identifiers: identifiersOf(resource.identifier).filter(namesSomebody), patient: resource }];
}

const displayOf = ({ reference: { display } }: SubjectReference): { display?: string } =>
  typeof display === "string" ? { display } : {};

/** The identifiers of a reference as it writes them, with their type; those of a search by system and value. */
function identifiersSaid({ reference }: SubjectReference, names: readonly string[]): Identifier[] {
  const written = identifiersOf([reference.identifier]).filter(namesSomebody);
  const found = new Set(written.map((one) => canonicalName(identifierName(one))));
  const searched = names.flatMap((name) => {
    const [, system, value] = /^identifier:([^|]+)\|(.+)$/s.exec(name) ?? [];
    return system === undefined || value === undefined || found.has(name) ? [] : [{ system, value }];
  });
  return [...written, ...searched];
}

/** Numbers of somebody as they are compared; what is shared or a stand-in isn't among them. */
export const tellingNumbers = (identifier: readonly Identifier[]): PersonNumber[] =>
  personNumbers({ identifier: identifier.filter((one) => strengthOf(one) !== "none") });

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Whether an id is among those that were seen before. With a server it must have been seen there: every server has a
 * Patient/1. Without one, the same id without a server will do; a UUID is one and the same thing wherever it stands, but
 * what names another server is somebody there.
 *
 * @param seen in canonical form
 * @param id in canonical form
 */
export function hasSeen(seen: ReadonlySet<string>, id: string): boolean {
  if (seen.has(id)) return true;
  const server = serverOf(id);
  if (server !== undefined) return [...seen].some((one) => secure(one) === secure(id));
  const [uuid] = UUID.exec(id) ?? [];
  return uuid !== undefined && [...seen].some((one) => one.toLowerCase().endsWith(uuid.toLowerCase()));
}

/** Whether other ids of the server that an id names were seen, so that this one is another patient there. */
export function hasSeenServer(seen: ReadonlySet<string>, id: string): boolean {
  const server = serverOf(id);
  return server !== undefined && [...seen].some((one) => serverOf(one) === server);
}

function serverOf(id: string): string | undefined {
  const base = parseAnyLiteral(id)?.base;
  return base === undefined ? undefined : secure(base);
}

/** One server answers under both. */
const secure = (url: string): string => url.replace(/^http:/, "https:");
