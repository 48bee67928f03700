import type { Patient } from "@medplum/fhirtypes";
import type { FhirDocument } from "./parse.js";
import type { BadFile, FolderPatient, ParsedFhir } from "./parsed.js";
import { canonicalName, isNamedBy, type ServersOfId } from "./patient-names.js";
import { parseAnyLiteral } from "./references.js";
import { comparePeople, type PersonComparison } from "./same-person.js";
import { isRestricted } from "./sensitivity.js";
import { companionsFor, type Companions } from "./companions.js";

export interface Grouped {
  patients: FolderPatient[];
  /** Files that could be about either of two people. */
  conflicts: BadFile[];
  /** Files that are about somebody, but say nobody. */
  unassigned: ReadonlySet<FhirDocument>;
  /** Files about nobody (Practitioner, Organization, Medication …) that no patient's file refers to. */
  unused: ReadonlySet<FhirDocument>;
}

/**
 * Joins the files of a folder that are certainly about one person.
 *
 * @param dir the folder, for messages
 * @param about files whose patient is known
 * @param withoutPatient files that name no patient
 * @example
 * groupByPatient("inputs", parsed, []).patients.length // 2
 */
export function groupByPatient(
  dir: string,
  about: readonly ParsedFhir[],
  withoutPatient: readonly FhirDocument[],
): Grouped {
  const { groups, conflicts } = groupsOf(about);
  const companions = companionsFor(
    groups.map(({ inputs }) => inputs),
    withoutPatient,
  );
  return {
    patients: groups.map((group, at) => joined(dir, group, companions.of(at))),
    conflicts: [...conflicts, ...companions.conflicts],
    unassigned: companions.unassigned,
    unused: companions.unused,
  };
}

/** A person of the folder. */
interface Group {
  /** In canonical form. */
  names: Set<string>;
  /** Every Patient resource that was taken for this person. */
  people: Patient[];
  warnings: string[];
  inputs: ParsedFhir[];
  /** Perhaps another one of these names, whose own file was refused: nothing may be joined by them. */
  isContested?: boolean;
}

/** The groups, found by names and ids without going through all of them. */
class Groups {
  readonly #all = new Set<Group>();
  readonly #byKey = new Map<string, Set<Group>>();

  add(group: Group): void {
    this.#all.add(group);
    for (const key of keysOf(group.names)) this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(group));
  }

  delete(group: Group): void {
    this.#all.delete(group);
    for (const key of keysOf(group.names)) this.#byKey.get(key)?.delete(group);
  }

  /** Groups that have one of the names, or the id of one. */
  like(names: Iterable<string>): Group[] {
    return [...new Set([...keysOf(names)].flatMap((key) => [...(this.#byKey.get(key) ?? [])]))];
  }

  get certain(): Group[] {
    return [...this.#all].filter(({ isContested }) => !isContested);
  }
}

/** A name by itself, and the id or UUID in it without its server. */
function keysOf(names: Iterable<string>): Set<string> {
  const keys = new Set<string>();
  for (const name of names) {
    keys.add(name);
    const literal = parseAnyLiteral(name);
    if (literal) keys.add(`${literal.type}/${literal.id.toLowerCase()}`);
    if (name.startsWith("urn:uuid:")) keys.add(name.replace("urn:uuid:", "Patient/"));
  }
  return keys;
}

/**
 * Groups of inputs that are about one person. Mixing two people's records is the worst that can happen here: Patient
 * resources that share a name are compared, and an input that could be about either of two is a conflict.
 */
function groupsOf(about: readonly ParsedFhir[]): { groups: Group[]; conflicts: BadFile[] } {
  const servers = serversOf(about);
  const groups = new Groups();
  const conflicts: BadFile[] = [];
  // Who says most first: what says less is then compared with all of it.
  const order = [...about].sort((a, b) => tells(b) - tells(a));
  for (const input of order) {
    const { resource } = input.patient;
    const found = resource ? joinPerson(input, resource, groups, servers) : joinNamed(input, groups, servers);
    if (!found) conflicts.push(ambiguous(input.file));
  }
  const positions = new Map(about.map((input, at) => [input, at]));
  const at = (input: ParsedFhir | undefined): number => (input && positions.get(input)) ?? -1;
  const certain = groups.certain;
  for (const { inputs } of certain) inputs.sort((a, b) => at(a) - at(b));
  return { groups: certain.sort((a, b) => at(a.inputs[0]) - at(b.inputs[0])), conflicts };
}

function tells({ patient: { resource } }: ParsedFhir): number {
  if (!resource) return 0;
  return 1 + [resource.birthDate, resource.name, resource.gender, resource.identifier].filter(Boolean).length;
}

/** Every server that the folder knows of an id. */
function serversOf(about: readonly ParsedFhir[]): ServersOfId {
  const servers = new Map<string, Set<string>>();
  for (const name of about.flatMap(({ patient }) => patient.names)) {
    const literal = parseAnyLiteral(canonicalName(name));
    if (literal?.type !== "Patient" || literal.base === undefined) continue;
    servers.set(literal.id, (servers.get(literal.id) ?? new Set()).add(literal.base));
  }
  return servers;
}

const canonicalNames = ({ patient }: ParsedFhir): string[] => patient.names.map(canonicalName);

/** Puts an input with a Patient resource to the person that it is, or to a new one. @returns false for a conflict */
function joinPerson(input: ParsedFhir, person: Patient, groups: Groups, servers: ServersOfId): boolean {
  const names = canonicalNames(input);
  const same: Group[] = [];
  const warnings: string[] = [];
  let isDoubtful = false;
  for (const group of groups.like(names)) {
    const shared = names.filter((name) => isNamedBy(group.names, [name], servers));
    if (shared.length === 0) continue;
    const sameResource = shared.some((name) => !name.startsWith("identifier:"));
    const found = group.people.map((one) => comparePeople(one, person, { sameResource }));
    const verdict = verdictOf(found);
    if (verdict === "same") {
      same.push(group);
      warnings.push(...group.warnings, ...found.flatMap((one) => one.warnings));
    }
    // One id, and nothing that shows whether it is one person.
    isDoubtful ||= verdict === "doubtful" && sameResource;
  }
  const people = same.flatMap((group) => group.people);
  const areApart = people.some((one, at) =>
    people.slice(at + 1).some((other) => comparePeople(one, other).verdict === "different"),
  );
  if (isDoubtful || areApart || same.some(({ isContested }) => isContested)) {
    groups.add({ names: new Set(names), people: [person], warnings: [], inputs: [], isContested: true });
    return false;
  }
  for (const group of same) groups.delete(group);
  groups.add({
    names: new Set([...names, ...same.flatMap((group) => [...group.names])]),
    people: [...people, person],
    warnings: [...warnings, ...(input.patient.warnings ?? [])],
    inputs: [...same.flatMap((group) => group.inputs), input],
  });
  return true;
}

/** All resources of one person must allow it, and one must say it. */
function verdictOf(found: readonly PersonComparison[]): PersonComparison["verdict"] {
  const verdicts = found.map(({ verdict }) => verdict);
  if (verdicts.includes("different")) return "different";
  return verdicts.includes("same") ? "same" : "doubtful";
}

/** Puts an input that only names its patient to the one person of that name, or to a new one. @returns as above */
function joinNamed(input: ParsedFhir, groups: Groups, servers: ServersOfId): boolean {
  const names = canonicalNames(input);
  const alike = groups.like(names);
  const matching = alike.filter((group) => isNamedBy(group.names, names, servers));
  const [only, another] = matching;
  if (another !== undefined || only?.isContested) return false;
  if (only) {
    only.inputs.push(input);
    return true;
  }
  // The same id without its server could be any of theirs; two servers' ids are two people.
  const isAnyones = alike.some((group) => names.some((name) => mayBeOne(name, group.names)));
  if (isAnyones) return false;
  groups.add({ names: new Set(names), people: [], warnings: [], inputs: [input] });
  return true;
}

/** Whether a name and one of others have one id, and one of the two doesn't say its server. */
function mayBeOne(name: string, others: ReadonlySet<string>): boolean {
  const literal = parseAnyLiteral(name);
  if (!literal) return others.has(name);
  const { type, id, base } = literal;
  if (base !== undefined) return others.has(`${type}/${id}`);
  return [...others].some((other) => other === name || other.endsWith(`/${name}`));
}

function ambiguous(file: string): BadFile {
  return {
    file,
    code: "MULTIPLE_PATIENTS",
    message: `${file} could be about either of two patients of this folder who share an id or identifier`,
  };
}

function joined(dir: string, { inputs: group, warnings }: Group, companions: Companions): FolderPatient {
  const names = [...new Set(group.flatMap(({ patient }) => patient.names))];
  const lead = group.find(({ patient }) => patient.resource)?.patient ?? group[0]?.patient;
  const patient = {
    reference: lead?.reference ?? "Patient",
    ...(lead?.resource && { resource: lead.resource }),
    names,
    ...(warnings.length > 0 && { warnings: [...new Set(warnings)] }),
  };
  // A document stays whole; a label on a whole Bundle would be lost by joining.
  const apart = group.filter(({ bundle }) => bundle?.type === "document" || isRestricted(bundle?.meta));
  const rest = group.filter((input) => !apart.includes(input));
  const entries = [...rest.flatMap((input) => input.entries), ...companions];
  const [only] = rest;
  const whole = only && rest.length === 1 && companions.length === 0 ? only : { file: dir, entries, patient };
  return {
    patient,
    inputs: [...apart, ...(entries.length === 0 ? [] : [whole])],
    files: [...new Set([...group, ...companions].map(({ file }) => file))].sort(),
  };
}
