import type { Patient } from "@medplum/fhirtypes";

import { ChartChainError, isChartChainError } from "../../../errors/index.js";
import {
  comparePeople,
  demographicsOf,
  identifierNames,
  lastingName,
  type PatientIdentity,
} from "../../../fhir/index.js";
import { wholeForms } from "./known-people.js";
import { ownId, requireVault, type Context } from "../../context.js";
import { resolve } from "../../people/identity.js";

/** An identifier that the client's institution attested, as `attestIdentity` was given it. */
export interface AttestedIdentifier {
  /** System and value in one text, such as `http://hospital.example/mrn|12345`. */
  identifier: string;
  /** 32 bytes in hex. */
  salt: string;
}

/**
 * Finds the chart of a person in an input: by an identifier that the institution attested on chain, or by what this vault
 * knows of the persons whose charts are here. Ids count with their server alone, or where they are UUIDs: every server has a
 * Patient/1.
 */
export class ChartFinder {
  readonly #ctx: Context;
  readonly #attested: ReadonlyMap<string, AttestedIdentifier>;
  /** Participants by what names their person, in canonical form. */
  readonly #charts = new Map<string, Set<number>>();

  /** @param attested identifiers whose participants are asked of the chain when an input has one of them */
  constructor(ctx: Context, attested: readonly AttestedIdentifier[] = []) {
    this.#ctx = ctx;
    this.#attested = new Map(attested.map((each) => [lastingName(`identifier:${each.identifier}`)!, each]));
    for (const { participant } of requireVault(ctx).people.list()) this.learn(participant);
  }

  /** Takes in what the vault knows of a participant by now. */
  learn(participant: number): void {
    for (const form of this.#formsOf(participant)) {
      const said = form.link?.flatMap(({ other }) => other.reference ?? []) ?? [];
      for (const name of telling([...said, ...identifierNames(form.identifier)])) this.#note(name, participant);
    }
  }

  /**
   * Whose chart an input belongs to.
   *
   * @returns the participant
   * @throws NO_CHART where nobody is named so, or where the same number isn't enough beside what differs;
   *   MULTIPLE_PATIENTS where several are
   *
   * @example
   * const patient = await finder.find(person.patient, "export");
   */
  async find({ names, resource }: PatientIdentity, file: string): Promise<number> {
    const found = new Set<number>();
    const attested = new Set<number>();
    for (const name of telling(names)) {
      const claim = this.#attested.get(name);
      if (claim !== undefined) {
        const id = await resolve(this.#ctx, { ...claim, issuer: await ownId(this.#ctx) });
        if (id !== undefined) for (const known of [found, attested]) known.add(id);
      }
      for (const participant of this.#charts.get(name) ?? []) found.add(participant);
    }
    const [only, another] = found;
    if (only === undefined) throw noChart(file, "nothing that names the person names anybody whose chart is here");
    if (another !== undefined) {
      throw new ChartChainError("MULTIPLE_PATIENTS", `${file} has a person whose numbers are those of several charts`, {
        details: { file, patients: [...found] },
        hint: "Find out whose data it is, and assign it.",
      });
    }
    // What it contradicts is for the chart to say: here it is about whether enough speaks for it.
    if (resource === undefined || attested.has(only) || this.#isSame(only, resource, telling(names))) return only;
    throw noChart(file, `the person shares a number with patient ${only}, and too little else is alike`);
  }

  #isSame(participant: number, resource: Patient, names: readonly string[]): boolean {
    const forms = this.#formsOf(participant);
    const people = wholeForms(forms.filter(({ link }) => link === undefined));
    const ids = forms.flatMap(({ link }) => link?.flatMap(({ other }) => other.reference ?? []) ?? []);
    const sameResource = telling(ids).some((id) => names.includes(id));
    const person = demographicsOf(resource);
    return people.some((form) => {
      const { verdict, differs } = comparePeople(form, person, { sameResource });
      return verdict === "same" || (sameResource && differs.length === 0);
    });
  }

  #formsOf(participant: number): Patient[] {
    return requireVault(this.#ctx).people.get(participant) as unknown as Patient[];
  }

  #note(name: string, participant: number): void {
    this.#charts.set(name, (this.#charts.get(name) ?? new Set()).add(participant));
  }
}

/** Names that mean one person wherever they stand. */
const telling = (names: readonly string[]): string[] => [...new Set(names.flatMap((name) => lastingName(name) ?? []))];

const noChart = (file: string, why: string): ChartChainError =>
  new ChartChainError("NO_CHART", `${file} has a person whose chart isn't found: ${why}`, {
    details: { file },
    hint: "Attest the person's identifier, or assign the input to the chart by hand.",
  });

/**
 * Whose charts persons belong to, by the identifiers that the institution attested and by what this vault knows of the persons whose
 * charts are here.
 *
 * @param people as {@link identifyPatient} of `fhir` gives them
 * @returns for each the participants: none where nothing names anybody, or too little is alike; several where that is in doubt
 *
 * @example
 * const [[patient, another] = []] = await clinic.findCharts({ people: [identifyPatient("7", entries)] });
 */
export async function findCharts(
  ctx: Context,
  { people, attested }: { people: readonly PatientIdentity[]; attested?: readonly AttestedIdentifier[] },
): Promise<number[][]> {
  const finder = new ChartFinder(ctx, attested);
  const found: number[][] = [];
  for (const person of people) {
    try {
      found.push([await finder.find(person, person.reference)]);
    } catch (error) {
      if (isChartChainError(error, "NO_CHART")) found.push([]);
      else if (isChartChainError(error, "MULTIPLE_PATIENTS")) found.push(error.details["patients"] as number[]);
      else throw error;
    }
  }
  return found;
}
