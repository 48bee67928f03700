import type { Patient, Resource } from "@medplum/fhirtypes";

import { ChartChainError } from "../../../errors/index.js";
import {
  claimsIn,
  claimsInResource,
  comparePeople,
  demographicsOf,
  NO_CLAIMS,
  peopleIn,
  type ParsedFhir,
  type PatientClaim,
  type PatientClaims,
  type PersonComparison,
} from "../../../fhir/index.js";
import type { JsonValue, Vault } from "../../../vault/index.js";
import { currentTime, ownId, requireVault, type Context } from "../../context.js";
import { requireReason } from "../../reason.js";
import { compareClaims, type KnownPerson } from "./chart-claims.js";

/** What an input says of its patient: by Patient resources, and by references and identifiers. */
export interface Whose {
  people: readonly Patient[];
  said: PatientClaims;
}

/** What an input says of its patient comes to this beside what is known of the person whose chart it is. */
export interface ChartComparison {
  /** Elements of Patient that contradict what is known, e.g. `birthDate`, or `id`; none where nothing does. */
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
  whose: Whose;
  override?: string | undefined;
  among?: boolean;
  whole?: boolean;
}

/** Vaults remember so many forms and ids of a person; further ones are compared and not remembered. */
const FORMS_REMEMBERED = 24;
const IDS_REMEMBERED = 96;

/**
 * Stops where an input contradicts what this vault knows of the participant: identifiers, name, gender and birth date of
 * what was accepted before, and ids on the servers that it came from. Somebody of whom nothing is known contradicts
 * nothing. Without a Patient, what ties the input to nobody is a warning.
 *
 * @param whose what the input says of its patient
 * @param override a person's reason to take it all the same; logged
 * @param among true to compare its Patient resources with each other, too, where no parser has
 * @param whole true for an input whose records will be added one by one: what it calls its patient counts for them
 * @throws CHART_CONTRADICTED, REASON_MISSING
 */
export async function admitToChart(
  ctx: Context,
  { patient, whose, override, among = false, whole = false }: AdmissionInput,
): Promise<Admission> {
  const vault = requireVault(ctx);
  const { people } = whose;
  const compared = compareWithChart(vault, patient, whose);
  const { warnings } = compared;
  const differs = [...new Set([...compared.differs, ...(among ? differencesAmong(people) : [])])];
  if (override !== undefined) {
    const reason = requireReason(override);
    if (differs.length > 0) {
      const [by, at] = [await ownId(ctx), await currentTime(ctx)];
      vault.transaction(() => {
        vault.decisions.append({ kind: "override", by, at, reason, about: { patient, differs } });
        remember(vault, patient, whose);
      });
    }
  } else if (differs.length > 0) throw contradicted(patient, differs);
  if (whole) admitted(vault, patient, whose);
  const accept = (record: Uint8Array): void =>
    vault.transaction(() => {
      const { differs: byNow } = override === undefined ? compareWithChart(vault, patient, whose) : { differs: [] };
      if (byNow.length > 0) throw contradicted(patient, byNow);
      remember(vault, patient, whose, record);
    });
  return { warnings, accept };
}

const contradicted = (patient: number, differs: string[]): ChartChainError =>
  new ChartChainError(
    "CHART_CONTRADICTED",
    `the input contradicts what is known of patient ${patient}: ${differs.join(", ")}`,
    {
      details: { patient, differs },
      hint: "Check whose data it is. If it is this patient's after all, say so with a reason: override.",
    },
  );

/** Compares an input with each form in which the participant was accepted, and with the ids. */
function compareWithChart(vault: Vault, participant: number, { people, said }: Whose): ChartComparison {
  const known = knownOf(vault, participant);
  const found = people.map(demographicsOf).map((person) => compareWithForms(known.forms, person));
  found.push(compareClaims({ ...known, admitted: admittedBefore(vault, participant) }, said));
  return {
    differs: [...new Set(found.flatMap(({ differs }) => differs))],
    warnings: [...new Set(found.flatMap(({ warnings }) => warnings))],
  };
}

function compareWithForms(known: readonly Patient[], person: Patient): ChartComparison {
  if (known.some((form) => isSame(form, person))) return { differs: [], warnings: [] };
  const results = wholeForms(known).map((form) => comparePeople(form, person));
  const same = results.find(({ verdict }) => verdict === "same");
  if (same !== undefined) return { differs: [], warnings: same.warnings };
  return { differs: results.filter(contradicts).flatMap(({ differs }) => differs), warnings: [] };
}

/**
 * The forms of a person, each with the numbers that are known of the person by themselves: such a number alone, which a
 * reference gave or an attestation, agrees with everybody who has it, whatever else contradicts.
 */
export function wholeForms(forms: readonly Patient[]): Patient[] {
  const isNumberAlone = (form: Patient) =>
    Object.keys(form).every((name) => ["resourceType", "identifier"].includes(name));
  const whole = forms.filter((form) => !isNumberAlone(form));
  if (whole.length === 0) return [...forms];
  const numbers = forms.filter(isNumberAlone).flatMap(({ identifier = [] }) => identifier);
  return whole.map((form) => ({ ...form, identifier: [...(form.identifier ?? []), ...numbers] }));
}

const differencesAmong = (people: readonly Patient[]): string[] =>
  people
    .map(demographicsOf)
    .flatMap((person, at, all) => all.slice(at + 1).map((other) => comparePeople(person, other)))
    .filter(contradicts)
    .flatMap(({ differs }) => differs);

/** A person is in doubt beside another as soon as something differs; that something is missing proves nothing. */
const contradicts = ({ differs, verdict }: PersonComparison): boolean => verdict !== "same" && differs.length > 0;

/** The person's forms, the numbers that references gave, and the ids: each belongs to the record that taught it. */
function remember(vault: Vault, participant: number, { people, said: { claims } }: Whose, record?: Uint8Array): void {
  const { forms, ids } = knownOf(vault, participant);
  const add = (form: Patient): void => {
    vault.people.add(participant, form as unknown as JsonValue, record);
  };
  for (const person of [...people, ...numbersSaid(claims)].map(demographicsOf)) {
    const isKnown = forms.some((form) => isSame(form, person));
    if (!isKnown && forms.length >= FORMS_REMEMBERED) continue;
    add(person);
    if (!isKnown) forms.push(person);
  }
  for (const id of claims.flatMap((claim) => claim.ids)) {
    if (!ids.has(id) && ids.size >= IDS_REMEMBERED) continue;
    // As FHIR says of a Patient that another resource describes the same person.
    add({ resourceType: "Patient", link: [{ other: { reference: id }, type: "seealso" }] });
    ids.add(id);
  }
}

function knownOf(vault: Vault, participant: number): KnownPerson & { forms: Patient[]; ids: Set<string> } {
  const all = vault.people.get(participant) as unknown as Patient[];
  const ids = all.flatMap(({ link }) => link?.flatMap(({ other }) => other.reference ?? []) ?? []);
  return { forms: all.filter(({ link }) => link === undefined), ids: new Set(ids) };
}

/** What references say of somebody by identifiers, as forms. */
const numbersSaid = (claims: readonly PatientClaim[]): Patient[] =>
  claims
    .flatMap(({ identifiers, patient }) => (patient === undefined ? identifiers : []))
    .map((one) => ({ resourceType: "Patient", identifier: [one] }));

/**
 * What whole inputs called a participant that were held against the chart, until their records teach it: a record may be
 * added before the one with the Patient. It ties until something of the chart's is forgotten, and contradicts nothing: perhaps
 * none of it was added.
 */
const ADMITTED = new WeakMap<Vault, Map<number, KnownPerson & { known: number }>>();

function admitted(vault: Vault, participant: number, { said: { claims } }: Whose): void {
  const { forms, ids } = admittedBefore(vault, participant);
  const of = ADMITTED.get(vault) ?? new Map<number, KnownPerson & { known: number }>();
  ADMITTED.set(vault, of);
  of.set(participant, {
    forms: [...forms, ...numbersSaid(claims)].slice(-FORMS_REMEMBERED),
    ids: new Set([...ids, ...claims.flatMap((claim) => claim.ids)]),
    known: vault.people.get(participant).length,
  });
}

function admittedBefore(vault: Vault, participant: number): KnownPerson {
  const of = ADMITTED.get(vault);
  const found = of?.get(participant);
  const known = vault.people.get(participant).length;
  if (found !== undefined && known >= found.known) {
    found.known = known;
    return found;
  }
  of?.delete(participant);
  return { forms: [], ids: new Set() };
}

const isSame = (one: Patient, other: Patient): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What an input says of its patient: its Patient resources, or the one that it was read with, and its references. */
export function whoseIs({ bundle, entries, patient }: ParsedFhir): Whose {
  const people = (bundle === undefined ? entries.map(({ resource }) => resource) : [bundle]).flatMap(peopleIn);
  const { claims, isSameId } = claimsIn(entries);
  const { resource, names } = patient;
  if (people.length > 0 || resource === undefined) return { people, said: { claims, isSameId } };
  const ids = names.filter((name) => !name.startsWith("identifier:"));
  const own = { place: "Patient", ids, identifiers: resource.identifier ?? [], patient: resource };
  return { people: [resource], said: { claims: [own, ...claims], isSameId } };
}

/** What a record's bytes say of their patient; nothing where they are no JSON of FHIR. */
export function whoseAre(content: Uint8Array): Whose {
  try {
    const resource = JSON.parse(new TextDecoder().decode(content)) as Resource;
    const said = claimsInResource(resource);
    const contained = said.claims.flatMap(({ patient }) => patient ?? []);
    return { people: [...new Set([...peopleIn(resource), ...contained])], said };
  } catch {
    return { people: [], said: NO_CLAIMS };
  }
}
