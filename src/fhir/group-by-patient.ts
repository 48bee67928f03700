import type { FhirDocument } from "./parse.js";
import type { BadFile, FhirEntry, FolderPatient, ParsedFhir } from "./parsed.js";
import { areBirthDatesCompatible } from "./patient-identity.js";
import { referencesOf, resolverOf } from "./references.js";
import { isRestricted } from "./sensitivity.js";

export interface Grouped {
  patients: FolderPatient[];
  conflicts: BadFile[];
  /** Positions of the files without a patient that some group refers to. */
  used: ReadonlySet<number>;
}

/**
 * Joins the files of a folder that are certainly about one person.
 *
 * @param dir the folder, for messages
 * @param about files whose patient is known
 * @param withoutPatient single resources that name no patient
 * @example
 * groupByPatient("inputs", parsed, []).patients.length // 2
 */
export function groupByPatient(
  dir: string,
  about: readonly ParsedFhir[],
  withoutPatient: readonly FhirDocument[],
): Grouped {
  const used = new Set<number>();
  const { groups, conflicts } = groupsOf(about);
  return { patients: groups.map((group) => joined(dir, group, withoutPatient, used)), conflicts, used };
}

interface Group {
  names: Set<string>;
  birthDate?: string;
  inputs: ParsedFhir[];
}

/**
 * Groups of inputs that share a name of the patient, directly or through others. Mixing two people's records is the
 * worst that can happen here, so a shared name is not believed against different birth dates; an input that could then
 * belong to either is a conflict.
 */
function groupsOf(about: readonly ParsedFhir[]): { groups: ParsedFhir[][]; conflicts: BadFile[] } {
  const groups = new Set<Group>();
  const conflicts: BadFile[] = [];
  // Birth dates first: what has none is then compared with all that have one.
  const isDated = ({ patient }: ParsedFhir): boolean => patient.resource?.birthDate !== undefined;
  for (const input of [...about.filter(isDated), ...about.filter((input) => !isDated(input))]) {
    const { names, resource } = input.patient;
    const matching = [...groups].filter(
      (group) =>
        names.some((name) => group.names.has(name)) && areBirthDatesCompatible(group.birthDate, resource?.birthDate),
    );
    const [first] = matching;
    if (matching.some((group) => !areBirthDatesCompatible(group.birthDate, first?.birthDate))) {
      conflicts.push(ambiguous(input.file));
      continue;
    }
    const birthDate = resource?.birthDate ?? matching.find((group) => group.birthDate !== undefined)?.birthDate;
    for (const group of matching) groups.delete(group);
    groups.add({
      names: new Set([...names, ...matching.flatMap((group) => [...group.names])]),
      ...(birthDate === undefined ? {} : { birthDate }),
      inputs: [...matching.flatMap((group) => group.inputs), input],
    });
  }
  const positions = new Map(about.map((input, at) => [input, at]));
  const order = (input: ParsedFhir | undefined): number => (input && positions.get(input)) ?? -1;
  const sorted = [...groups].map(({ inputs }) => inputs.sort((a, b) => order(a) - order(b)));
  return { groups: sorted.sort((a, b) => order(a[0]) - order(b[0])), conflicts };
}

function ambiguous(file: string): BadFile {
  return {
    file,
    code: "MULTIPLE_PATIENTS",
    message: `${file} could be about either of two patients of this folder who share an id or identifier`,
  };
}

function joined(
  dir: string,
  group: ParsedFhir[],
  withoutPatient: readonly FhirDocument[],
  used: Set<number>,
): FolderPatient {
  const names = [...new Set(group.flatMap(({ patient }) => patient.names))];
  const lead = group.find(({ patient }) => patient.resource)?.patient ?? group[0]?.patient;
  const patient = {
    reference: lead?.reference ?? "Patient",
    ...(lead?.resource && { resource: lead.resource }),
    names,
  };
  // A document stays whole; a label on a whole Bundle would be lost by joining.
  const apart = group.filter(({ bundle }) => bundle?.type === "document" || isRestricted(bundle?.meta));
  const rest = group.filter((input) => !apart.includes(input));
  const companions = companionsOf(
    group.flatMap(({ entries }) => entries),
    withoutPatient,
    used,
  );
  const entries = [...rest.flatMap((input) => input.entries), ...companions];
  const [only] = rest;
  const whole = only && rest.length === 1 && companions.length === 0 ? only : { file: dir, entries, patient };
  return {
    patient,
    inputs: [...apart, ...(entries.length === 0 ? [] : [whole])],
    files: [...group.map(({ file }) => file), ...companions.map(({ file }) => file)].sort(),
  };
}

/** The entries without a patient that a group refers to, directly or through each other. */
function companionsOf(entries: readonly FhirEntry[], pool: readonly FhirDocument[], used: Set<number>): FhirEntry[] {
  const candidates = pool.flatMap(({ entries: [entry] }) => entry ?? []);
  const resolve = resolverOf(candidates);
  const taken = new Set<number>();
  const queue = [...entries];
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    for (const at of referencesOf(entry.resource).flatMap(resolve)) {
      const candidate = candidates[at];
      if (!candidate || taken.has(at)) continue;
      taken.add(at);
      used.add(at);
      queue.push(candidate);
    }
  }
  return [...taken].sort((a, b) => a - b).flatMap((at) => candidates[at] ?? []);
}
