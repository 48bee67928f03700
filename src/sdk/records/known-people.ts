import type { Patient, Resource } from "@medplum/fhirtypes";

import { ChartChainError } from "../../errors/index.js";
import { comparePeople, demographicsOf, peopleIn, type ParsedFhir, type PersonComparison } from "../../fhir/index.js";
import type { JsonValue, Vault } from "../../vault/index.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { requireReason } from "../reason.js";

/** What an input's Patient resources come to beside what is known of the person whose chart it is. */
export interface ChartComparison {
  /** Elements of Patient that contradict what is known, e.g. `birthDate`; none where nothing does. */
  differs: string[];
  /** What differs and proves nothing, in words for a person. */
  warnings: string[];
}

/** A person who may be put into a chart. */
export interface Admission {
  /** What differs and proves nothing, in words for a person. */
  warnings: string[];
  /**
   * Remembers the person by a record that holds them, in the transaction that keeps it; it is forgotten with the record. What
   * became known since they were compared counts, too.
   *
   * @throws CHART_CONTRADICTED
   */
  accept: (record: Uint8Array) => void;
}

/** Whose data is to go into which chart. */
export interface AdmissionInput {
  patient: number;
  people: readonly Patient[];
  override?: string | undefined;
  among?: boolean;
}

/** Vaults remember so many forms of a person; further ones are compared and not remembered. */
const FORMS_REMEMBERED = 24;

/**
 * Stops where an input's Patient contradicts what this vault knows of the participant: identifiers, name, gender and
 * birth date of what was accepted before. Somebody of whom nothing is known contradicts nothing.
 *
 * @param people the input's Patient resources; of none, nothing can be said
 * @param override a person's reason to take it all the same; logged
 * @param among true to compare them with each other, too, where no parser has
 * @throws CHART_CONTRADICTED, REASON_MISSING
 */
export async function admitToChart(
  ctx: Context,
  { patient, people, override, among = false }: AdmissionInput,
): Promise<Admission> {
  const vault = requireVault(ctx);
  const compared = compareWithChart(vault, patient, people);
  const { warnings } = compared;
  const differs = [...new Set([...compared.differs, ...(among ? differencesAmong(people) : [])])];
  if (override !== undefined) {
    const reason = requireReason(override);
    if (differs.length > 0) {
      const [by, at] = [await ownId(ctx), await currentTime(ctx)];
      vault.transaction(() => {
        vault.decisions.append({ kind: "override", by, at, reason, about: { patient, differs } });
        remember(vault, patient, people);
      });
    }
  } else if (differs.length > 0) throw contradicted(patient, differs);
  const accept = (record: Uint8Array): void =>
    vault.transaction(() => {
      const { differs: byNow } = override === undefined ? compareWithChart(vault, patient, people) : { differs: [] };
      if (byNow.length > 0) throw contradicted(patient, byNow);
      remember(vault, patient, people, record);
    });
  return { warnings, accept };
}

const contradicted = (patient: number, differs: string[]): ChartChainError =>
  new ChartChainError(
    "CHART_CONTRADICTED",
    `the input's Patient contradicts what is known of patient ${patient}: ${differs.join(", ")}`,
    {
      details: { patient, differs },
      hint: "Check whose data it is. If it is this patient's after all, say so with a reason: override.",
    },
  );

/** Compares an input's Patient resources with each form in which the participant was accepted. */
function compareWithChart(vault: Vault, participant: number, people: readonly Patient[]): ChartComparison {
  const known = formsOf(vault, participant);
  const found = people.map(demographicsOf).map((person) => compareWithForms(known, person));
  return {
    differs: [...new Set(found.flatMap(({ differs }) => differs))],
    warnings: [...new Set(found.flatMap(({ warnings }) => warnings))],
  };
}

function compareWithForms(known: readonly Patient[], person: Patient): ChartComparison {
  if (known.some((form) => isSame(form, person))) return { differs: [], warnings: [] };
  const results = known.map((form) => comparePeople(form, person));
  const same = results.find(({ verdict }) => verdict === "same");
  if (same !== undefined) return { differs: [], warnings: same.warnings };
  return { differs: results.filter(contradicts).flatMap(({ differs }) => differs), warnings: [] };
}

const differencesAmong = (people: readonly Patient[]): string[] =>
  people
    .map(demographicsOf)
    .flatMap((person, at, all) => all.slice(at + 1).map((other) => comparePeople(person, other)))
    .filter(contradicts)
    .flatMap(({ differs }) => differs);

/** A person is in doubt beside another as soon as something differs; that something is missing proves nothing. */
const contradicts = ({ differs, verdict }: PersonComparison): boolean => verdict !== "same" && differs.length > 0;

function remember(vault: Vault, participant: number, people: readonly Patient[], record?: Uint8Array): void {
  const known = formsOf(vault, participant);
  for (const person of people.map(demographicsOf)) {
    const isKnown = known.some((form) => isSame(form, person));
    if (!isKnown && known.length >= FORMS_REMEMBERED) continue;
    vault.people.add(participant, person as unknown as JsonValue, record);
    if (!isKnown) known.push(person);
  }
}

const formsOf = (vault: Vault, participant: number): Patient[] => vault.people.get(participant) as unknown as Patient[];

const isSame = (one: Patient, other: Patient): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Whom an input is about: its Patient resources, or what identifies the patient where it has none. */
export function peopleOf({ bundle, entries, patient }: ParsedFhir): Patient[] {
  const people = (bundle === undefined ? entries.map(({ resource }) => resource) : [bundle]).flatMap(peopleIn);
  if (people.length > 0) return people;
  if (patient.resource !== undefined) return [patient.resource];
  const identifier = patient.names.flatMap((name) => {
    const [, system, value] = /^identifier:(.+)\|(.+)$/.exec(name) ?? [];
    return system === undefined || value === undefined ? [] : [{ system, value }];
  });
  return identifier.length === 0 ? [] : [{ resourceType: "Patient", identifier }];
}

/** The Patient resources of a record's bytes; none where they are no JSON. */
export function peopleInBytes(content: Uint8Array): Patient[] {
  try {
    return peopleIn(JSON.parse(new TextDecoder().decode(content)) as Resource);
  } catch {
    return [];
  }
}
