import { CATEGORIES, type Category, type Client, type Decision, type Purpose } from "chartchain";
import { whoseRecords, type Basis, type Seer } from "chartchain/watch";

import type { Visible, VisiblePart } from "../store/visible.js";
import { glassShows, type RecordRow, type RecordsOf } from "./single-records.js";

/** Who asks, and for what. */
export interface Asker {
  participant: number;
  purpose: Purpose;
}

/** What somebody may see now, and why. */
export interface Access {
  visible: Exclude<Visible, "everything">;
  /** What it rests on, by patient. */
  bases: ReadonlyMap<number, Basis | "patient">;
  /** The head that it was decided at. */
  block: number;
}

/** The categories of which each patient's records may be seen, by what the index knows; the chain is asked about these. */
interface Candidate {
  patient: number;
  basis: Basis | "patient";
  categories: ReadonlySet<Category>;
}

/** Of which patients the store keeps records, and which. */
export interface Kept {
  /** The participants who have any. */
  patients(): Promise<readonly number[]>;
  /** One kind of one patient's, as far as constraints and emergencies ask. */
  records: RecordsOf;
}

/** Of a purpose, nothing but this is asked in an emergency. */
const EMERGENCY: Purpose = "ETREAT";

/**
 * What each signed-in participant may see of what this institution keeps. The index says what to ask about; what it says yes to,
 * the chain is asked, by `decide`: what it doesn't confirm isn't there. An answer holds for one block.
 */
export class AccessDecider {
  readonly #client: Client;
  readonly #kept: Kept;
  readonly #steward: number;
  readonly #answers = new Map<string, { hash: string; until: number; access: Promise<Access> }>();

  constructor(client: Client, steward: number, kept: Kept) {
    this.#client = client;
    this.#kept = kept;
    this.#steward = steward;
  }

  /**
   * What somebody may see now.
   *
   * @throws CHAIN_UNREACHABLE, NODE_BEHIND and what else the index and the node throw: then nothing may be shown
   */
  async accessOf(asker: Asker): Promise<Access> {
    const { provider, clock } = this.#client;
    const head = await provider.getBlock("latest");
    const hash = head?.hash ?? "";
    const key = `${asker.participant}/${asker.purpose}`;
    const known = this.#answers.get(key);
    if (known !== undefined && known.hash === hash && clock() < known.until) return known.access;
    const access = this.#decide(asker, head?.number ?? 0);
    this.#answers.set(key, { hash, until: clock() + LASTS, access });
    access.catch(() => this.#answers.delete(key));
    if (this.#answers.size > MOST_ANSWERS) this.#answers.delete(this.#answers.keys().next().value!);
    return access;
  }

  /** Forgets what was answered: something changed that isn't a block, such as what the store keeps. */
  forget(): void {
    this.#answers.clear();
  }

  async #decide(asker: Asker, block: number): Promise<Access> {
    const kept = new Set(await this.#kept.patients());
    const candidates = (await this.#candidates(asker)).filter(({ patient }) => kept.has(patient));
    const parts = await Promise.all(candidates.map((each) => this.#partsOf(asker, each)));
    const bases = new Map(
      candidates.flatMap(({ patient, basis }, i) => (parts[i]!.length > 0 ? [[patient, basis]] : [])),
    );
    return { visible: parts.flat(), bases, block };
  }

  async #candidates({ participant, purpose }: Asker): Promise<Candidate[]> {
    const { patients } = await whoseRecords(this.#client, { viewer: participant });
    const counts = (seer: Seer) =>
      seer.waitsFor === undefined &&
      (seer.steward === 0 || seer.steward === this.#steward) &&
      (seer.purpose === undefined || seer.purpose === purpose);
    const others = patients.flatMap(({ patient, seers }) => {
      const counting = seers.filter(counts);
      const categories = new Set(counting.flatMap(({ sees }) => sees.map(({ category }) => category)));
      return categories.size === 0 ? [] : [{ patient, basis: counting[0]!.basis, categories }];
    });
    return [{ patient: participant, basis: "patient", categories: new Set(CATEGORIES) }, ...others];
  }

  async #partsOf({ participant: viewer, purpose }: Asker, { patient, categories }: Candidate): Promise<VisiblePart[]> {
    const kinds = [...categories].flatMap((category) =>
      [false, true].map((confidential) => ({ category, confidential })),
    );
    const parts = await Promise.all(
      kinds.map(async (kind): Promise<VisiblePart[]> => {
        const question = { patient, steward: this.#steward, viewer, purpose, ...kind };
        const { allowed, reason } = await this.#client.decide(question);
        if (allowed) return [{ patient, ...kind }];
        const records = await this.#singly(reason, { patient, ...kind });
        const admitted = await Promise.all(records.map(async (record) => this.#admits(question, record)));
        const numbers = records.filter((_, i) => admitted[i]).map(({ number }) => number);
        return numbers.length === 0 ? [] : [{ patient, ...kind, records: numbers }];
      }),
    );
    return parts.flat();
  }

  /** The records to ask about one by one, where the answer to the whole kind leaves that open. */
  async #singly(reason: Decision["reason"], kind: VisiblePart): Promise<readonly RecordRow[]> {
    return reason === "CONSTRAINED" || reason === "SINGLE_RECORDS" ? this.#kept.records(kind) : [];
  }

  async #admits(question: Parameters<Client["decide"]>[0], row: RecordRow): Promise<boolean> {
    const record = {
      digest: row.digest,
      facts: async () => row.facts,
      category: question.category,
      noted: row.classes,
    };
    const { purpose, category, patient } = question;
    if (purpose !== EMERGENCY || category !== "SENSITIVE")
      return (await this.#client.decide({ ...question, record })).allowed;
    // What a broken glass doesn't show may go out by a grant.
    const shown = await glassShows(this.#client, patient, row);
    return (await this.#client.decide({ ...question, record, ...(shown ? {} : { withoutGlass: true as const }) }))
      .allowed;
  }
}

/** An answer is asked for anew after so many seconds, also where the chain stands still: what was granted ends by the clock. */
const LASTS = 2;
const MOST_ANSWERS = 10_000;
