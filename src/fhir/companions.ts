import type { FhirDocument } from "./parse.js";
import type { BadFile, FhirEntry, ParsedFhir } from "./parsed.js";
import { namesNobodyElse } from "./patient-identity.js";
import { entryResolverOf, referencesOf } from "./references.js";
import { hasSubject, isAboutSomebody } from "./subject.js";

/** Entries of files without a patient that one patient's files refer to, directly or through each other. */
export type Companions = readonly FhirEntry[];

export interface CompanionsOfFolder {
  /** The companions of a patient, by the patient's position. */
  of: (patient: number) => Companions;
  /** Files of one person, without a subject, that several patients' files refer to, or that name another patient. */
  conflicts: BadFile[];
  unassigned: ReadonlySet<FhirDocument>;
  unused: ReadonlySet<FhirDocument>;
}

/**
 * Gives files without a patient to the patients whose files refer to them: Practitioner, Organization, Location,
 * Medication and their like to each of them, what can only be one person's (an Observation without a subject) to the only
 * one. What has a subject that can't be read belongs to nobody, whoever refers to it.
 *
 * @param patients the files of each patient
 * @param withoutPatient single resources, and Bundles of them, as Synthea writes hospitals and practitioners
 * @example
 * companionsFor([[bundle]], [practitioners]).of(0).length // 3
 */
export function companionsFor(
  patients: readonly (readonly ParsedFhir[])[],
  withoutPatient: readonly FhirDocument[],
): CompanionsOfFolder {
  const unassigned = new Set(
    withoutPatient.filter(({ entries }) => entries.some(({ resource }) => hasSubject(resource))),
  );
  const pool = withoutPatient.flatMap((document) =>
    unassigned.has(document) ? [] : document.entries.map((entry) => ({ document, entry })),
  );
  const resolve = entryResolverOf(pool.map(({ entry }) => entry));
  const reached = patients.map((inputs) => {
    const taken = new Set<number>();
    const queue = inputs.flatMap(({ entries }) => entries);
    for (let entry = queue.pop(); entry; entry = queue.pop()) {
      const from = entry.fullUrl;
      for (const at of referencesOf(entry.resource).flatMap((reference) => resolve(reference, from))) {
        const candidate = pool[at];
        if (!candidate || taken.has(at)) continue;
        taken.add(at);
        queue.push(candidate.entry);
      }
    }
    return taken;
  });

  const isPersonal = (at: number): boolean => isAboutSomebody(pool[at]!.entry.resource);
  const claims = new Map<number, number>();
  for (const at of reached.flatMap((taken) => [...taken])) claims.set(at, (claims.get(at) ?? 0) + 1);
  const shared = new Set([...claims].flatMap(([at, count]) => (count > 1 && isPersonal(at) ? at : [])));
  const others = new Set(
    reached.flatMap((taken, patient) => {
      const names = patients[patient]!.flatMap((input) => input.patient.names);
      return [...taken].filter((at) => !shared.has(at) && isPersonal(at) && !namesNobodyElse(pool[at]!.entry, names));
    }),
  );
  pool.forEach(({ document }, at) => {
    if (!claims.has(at) && isPersonal(at)) unassigned.add(document);
  });
  const used = new Set([...claims.keys()].map((at) => pool[at]!.document));
  return {
    of: (patient) =>
      [...(reached[patient] ?? [])]
        .filter((at) => !shared.has(at) && !others.has(at))
        .sort((a, b) => a - b)
        .map((at) => pool[at]!.entry),
    conflicts: [
      ...[...shared].map((at) =>
        conflict(pool[at]!.entry, "files of more than one patient of this folder refer to it"),
      ),
      ...[...others].map((at) => conflict(pool[at]!.entry, "it names another patient than the files that refer to it")),
    ],
    unassigned,
    unused: new Set(withoutPatient.filter((document) => !unassigned.has(document) && !used.has(document))),
  };
}

const conflict = ({ file }: FhirEntry, why: string): BadFile => ({
  file,
  code: "MULTIPLE_PATIENTS",
  message: `${file} has no subject, and ${why}`,
});
