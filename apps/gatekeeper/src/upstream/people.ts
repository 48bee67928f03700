import type { Patient } from "@medplum/fhirtypes";
import { isChartChainError } from "chartchain/errors";
import type { Client } from "chartchain";
import { type FhirEntry, identifyPatient, type PatientIdentity } from "chartchain/fhir";

import type { Database } from "../store/database.js";
import type { Charts } from "./charts.js";
import { entryOf } from "./owners.js";

/** Why it isn't certain whose data a Patient of the hospital's FHIR server is. */
export type Doubt =
  /** Its identifiers are those of several participants. */
  | "several participants"
  /** Another Patient there has the same participant's identifiers. */
  | "another Patient"
  /** It is linked to another Patient, as after a merge. */
  | "linked"
  /** Its record isn't in use any more. */
  | "inactive"
  /** It contradicts what is known of the participant. */
  | "contradicts"
  /** It names another participant than before, or nobody. */
  | "changed";

/** A Patient of the hospital's FHIR server, and whose it is. */
export interface UpstreamPerson {
  id: string;
  /** `nobody` and `doubtful`: only the hospital's own staff sees what comes. */
  state: "nobody" | "taken" | "doubtful";
  /** Among whose data others find it; of one in doubt, what stood there before. */
  participant: number | undefined;
  /** Whom its identifiers name. */
  candidates: readonly number[];
  doubts: readonly Doubt[];
}

/** What a person said about a Patient in doubt. It counts for these facts, and not for others. */
interface Decided {
  participant: number | null;
  reason: string;
  at: string;
  facts: string;
  doubts: readonly Doubt[];
}

interface Row {
  id: string;
  number: number;
  json: string | null;
  participant: number | null;
  state: UpstreamPerson["state"];
  doubts: string;
  decided: string | null;
}

/** What of a Patient decides whose it is. */
interface Facts {
  row: Row;
  patient: PatientEntry | undefined;
  candidates: number[];
  doubts: Doubt[];
}

type PatientEntry = FhirEntry & { resource: Patient };

/** Whose the Patients of the hospital's FHIR server are: found by attested identifiers, and by a person where that leaves a doubt. */
export class People {
  readonly #database: Database;
  readonly #client: Pick<Client, "findCharts" | "admitFhir">;
  readonly #base: string;

  constructor(database: Database, client: Pick<Client, "findCharts" | "admitFhir">, base: string) {
    this.#database = database;
    this.#client = client;
    this.#base = base;
  }

  /** All of them, by id. */
  async list(): Promise<UpstreamPerson[]> {
    return (await this.#facts()).map(({ row, candidates }) => ({
      ...{ id: row.id, state: row.state, participant: row.participant ?? undefined, candidates },
      doubts: JSON.parse(row.doubts) as Doubt[],
    }));
  }

  /** The chart that what comes of a Patient goes into; undefined for one that isn't there. */
  async chartOf(id: string): Promise<number | undefined> {
    const row = await this.#database.selectFrom("upstream_people").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined || row.json === null ? undefined : chartOf(row);
  }

  /**
   * Notes what a person decided about a Patient. It holds as long as what it was about does.
   *
   * @param participant undefined: nobody's who is a participant
   * @returns false where there is no such Patient
   */
  async decide(
    id: string,
    { participant, reason }: { participant: number | undefined; reason: string },
  ): Promise<boolean> {
    const found = (await this.#facts()).find(({ row }) => row.id === id);
    if (found?.patient === undefined) return false;
    // Where it contradicts the chart, the vault's log has who took it all the same, and why.
    if (participant !== undefined)
      await this.#client.admitFhir({ patient: participant, parsed: parsedOf(found.patient), override: reason });
    const decided: Decided = {
      ...{ participant: participant ?? null, reason, at: new Date().toISOString() },
      ...{ facts: factsOf(found), doubts: found.doubts },
    };
    await this.#database
      .updateTable("upstream_people")
      .set({ decided: JSON.stringify(decided) })
      .where("id", "=", id)
      .execute();
    return true;
  }

  /** Finds out anew whose each Patient is, and moves what others see or don't see any more. @returns how many are in doubt */
  async settle(charts: Charts): Promise<number> {
    const facts = await this.#facts();
    for (const found of facts) {
      const next = nextOf(found);
      const { row } = found;
      if (
        next.state === row.state &&
        next.participant === row.participant &&
        row.doubts === JSON.stringify(found.doubts)
      )
        continue;
      // What goes out of sight does so before anything comes into it.
      await this.#move(row, next, charts);
      await this.#database
        .updateTable("upstream_people")
        .set({ ...next, doubts: JSON.stringify(next.state === "doubtful" ? found.doubts : []) })
        .where("id", "=", row.id)
        .execute();
    }
    return facts.filter((found) => nextOf(found).state === "doubtful").length;
  }

  async #move(row: Row, next: Pick<Row, "state" | "participant">, charts: Charts): Promise<void> {
    const { id, number, participant } = row;
    const [from, to] = [chartOf(row), chartOf({ ...row, ...next })];
    if (from > 0 && from !== to) await charts.copy(id, from, -number);
    // Of one in doubt others keep what they had, until it changes.
    if (participant !== null && participant !== next.participant) await charts.clear(id, participant);
    if (to > 0 && from !== to) {
      await charts.copy(id, -number, to);
      await charts.clear(id, -number);
    }
  }

  async #facts(): Promise<Facts[]> {
    const rows: Row[] = await this.#database.selectFrom("upstream_people").selectAll().orderBy("id").execute();
    const people = rows.map((row) => {
      const patient =
        row.json === null
          ? undefined
          : (entryOf(this.#base, { type: "Patient", id: row.id, json: row.json }) as PatientEntry);
      return { row, patient, identity: patient === undefined ? undefined : identityOf(patient) };
    });
    const named = people.filter(({ identity }) => identity !== undefined);
    const charts = await this.#client.findCharts({ people: named.map(({ identity }) => identity!) });
    const candidates = new Map(named.map(({ row }, at) => [row.id, charts[at]!]));
    const taken = people.map(({ row, patient }): Facts => ({
      row,
      patient,
      candidates: candidates.get(row.id) ?? [],
      doubts: [],
    }));
    const holders = new Map<number, number>();
    for (const one of taken) for (const each of one.candidates) holders.set(each, (holders.get(each) ?? 0) + 1);
    for (const one of taken) one.doubts.push(...(await this.#doubtsOf(one, holders)));
    return taken;
  }

  async #doubtsOf({ row, patient, candidates }: Facts, holders: ReadonlyMap<number, number>): Promise<Doubt[]> {
    if (patient === undefined) return [];
    const [only] = candidates;
    // Nobody but the hospital's own staff sees it anyhow.
    if (only === undefined && row.participant === null) return [];
    const { resource } = patient;
    const isTold = (doubt: Doubt): boolean => {
      switch (doubt) {
        case "several participants":
          return candidates.length > 1;
        case "another Patient":
          return candidates.some((each) => holders.get(each)! > 1);
        case "linked":
          return (resource.link ?? []).length > 0;
        case "inactive":
          return resource.active === false;
        case "changed":
          return row.participant !== null && row.participant !== only;
        case "contradicts":
          return false;
      }
    };
    const doubts = (["several participants", "another Patient", "linked", "inactive", "changed"] as const).filter(
      isTold,
    );
    if (candidates.length !== 1) return doubts;
    try {
      await this.#client.admitFhir({ patient: only!, parsed: parsedOf(patient) });
      return doubts;
    } catch (error) {
      if (!isChartChainError(error, "CHART_CONTRADICTED")) throw error;
      return [...doubts, "contradicts"];
    }
  }
}

function nextOf(found: Facts): Pick<Row, "state" | "participant"> {
  const { row, patient, candidates, doubts } = found;
  if (patient === undefined) return { state: "nobody", participant: null };
  const decided = row.decided === null ? undefined : (JSON.parse(row.decided) as Decided);
  const isDecided =
    decided?.facts === factsOf(found) && doubts.every((one) => one === "changed" || decided.doubts.includes(one));
  if (decided !== undefined && isDecided)
    return { state: decided.participant === null ? "nobody" : "taken", participant: decided.participant };
  if (doubts.length > 0) return { state: "doubtful", participant: row.participant };
  const [only] = candidates;
  return only === undefined ? { state: "nobody", participant: null } : { state: "taken", participant: only };
}

/** What a decision was about. */
const factsOf = ({ patient, candidates }: Facts): string =>
  JSON.stringify([
    [...candidates].sort((a, b) => a - b),
    patient?.resource.active ?? null,
    (patient?.resource.link ?? []).map(({ other, type }) => [other.reference ?? null, type]),
  ]);

/** Others find it in the participant's chart; what nobody may have in one of its own, below 0. */
const chartOf = ({ number, state, participant }: Pick<Row, "number" | "state" | "participant">): number =>
  state === "taken" ? participant! : -number;

function identityOf(patient: PatientEntry): PatientIdentity | undefined {
  try {
    return identifyPatient("upstream", [patient]);
  } catch (error) {
    if (isChartChainError(error)) return undefined;
    throw error;
  }
}

const parsedOf = (patient: PatientEntry) => ({
  ...{ file: patient.file, entries: [patient] },
  patient: identifyPatient("upstream", [patient]),
});
