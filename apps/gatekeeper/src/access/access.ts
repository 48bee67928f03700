import { CATEGORIES, type Category, type Client, type Decision, type Purpose, type Question } from "chartchain";
import { whoseRecords, type Basis, type Seer } from "chartchain/watch";
import { toBeHex } from "ethers";

import type { Visible, VisiblePart } from "../store/visible.js";
import type { Changes, Head } from "./changes.js";
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
  /** The kinds of which there are any. */
  kinds(): Promise<readonly VisiblePart[]>;
  /** Another one after every change of what it keeps, whoever wrote it. */
  edition(): Promise<string>;
  /** One kind of one patient's, as far as constraints and emergencies ask. */
  records: RecordsOf;
}

/** Says what somebody may see now. */
export type Deciding = Pick<AccessDecider, "accessOf" | "forgotten">;

/** Of a purpose, nothing but this is asked in an emergency. */
const EMERGENCY: Purpose = "ETREAT";

/** An answer, and how long it stands. */
interface Answer {
  access: Access;
  /** The head, and the time in seconds since 1970, that it was given at. */
  hash: string;
  at: number;
  /** By then it is over in any case. */
  until: number;
  /** What it takes to stand over further blocks; undefined where it doesn't. */
  settled: Settled | undefined;
}

/** An answer stands as long as the chain that it was read from does, nobody whom it hangs on is named, and none of its times comes. */
interface Settled {
  era: number;
  /** The final block that it was read at: what was named behind it may have changed it. */
  final: number;
  /** Topics of participants. */
  hangsOn: readonly string[];
  /** When something begins or ends behind the final block's time, in seconds since 1970. */
  until: number;
}

/**
 * What each signed-in participant may see of what this institution keeps. The index says what to ask about; what it says yes to,
 * the chain is asked, by `decide`: what it doesn't confirm isn't there.
 *
 * An answer is kept over blocks that name nobody whom it hangs on, and until something in it begins or ends. Where that isn't
 * sure it is good for its head, and for two seconds.
 */
export class AccessDecider {
  readonly #client: Client;
  readonly #kept: Kept;
  readonly #steward: number;
  readonly #changes: Changes;
  readonly #answers = new Map<string, Promise<Answer>>();
  #forgotten = 0;
  #edition: { is: string; at: number } | undefined;
  /** By patient, a bit for each kind that is kept. */
  #kinds: Promise<ReadonlyMap<number, number>> | undefined;

  constructor(client: Client, steward: number, kept: Kept, changes: Changes) {
    this.#client = client;
    this.#kept = kept;
    this.#steward = steward;
    this.#changes = changes;
  }

  /**
   * What somebody may see now.
   *
   * @param given the chain's newest block, where who asks has just been told it
   * @throws CHAIN_UNREACHABLE, NODE_BEHIND and what else the index and the node throw: then nothing may be shown
   */
  async accessOf(asker: Asker, given?: Head): Promise<Access> {
    const head = given ?? (await this.#changes.head());
    await this.#forgetIfOthersWrote();
    const key = `${asker.participant}/${asker.purpose}`;
    const known = this.#answers.get(key);
    if (known !== undefined) {
      const answer = await known.catch(() => undefined);
      if (answer !== undefined && this.#stands(answer, head)) return answer.access;
    }
    // Somebody else may have asked meanwhile.
    const asked = this.#answers.get(key);
    if (asked !== undefined && asked !== known) return (await asked).access;
    const answer = this.#answer(asker, head);
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    answer.catch(() => {
      if (this.#answers.get(key) === answer) this.#answers.delete(key);
    });
    if (this.#answers.size > MOST_ANSWERS) this.#answers.delete(this.#answers.keys().next().value!);
    return (await answer).access;
  }

  /** How often something changed that isn't a block: what was answered before another number counts no more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Forgets what was answered: something changed that isn't a block, such as what the store or the vault keeps. */
  forget(): void {
    this.#forgotten++;
    this.#answers.clear();
    this.#kinds = undefined;
  }

  #stands({ hash, at, until, settled }: Answer, head: Head): boolean {
    const now = this.#client.clock();
    if (head.isBehind || now < at) return false;
    if (hash === head.hash && now < until) return true;
    return (
      settled !== undefined &&
      settled.era === head.era &&
      Math.max(now, head.time) < settled.until &&
      this.#changes.isQuietSince(settled.final, settled.hangsOn)
    );
  }

  /** Another process may write to the same database. */
  async #forgetIfOthersWrote(): Promise<void> {
    const now = this.#client.clock();
    if (this.#edition !== undefined && now >= this.#edition.at && now < this.#edition.at + LASTS) return;
    const before = this.#edition?.is;
    this.#edition = { is: before ?? "", at: now };
    const is = await this.#kept.edition();
    this.#edition = { is, at: now };
    if (before !== undefined && before !== is) this.forget();
  }

  async #answer(asker: Asker, head: Head): Promise<Answer> {
    const at = this.#client.clock();
    const { candidates, hangsOn, instants } = await this.#candidates(asker);
    const questions = await this.#standing(asker, await this.#questions(asker, candidates));
    const { decisions, final } = await this.#client.decideAll({ questions });
    const parts = await Promise.all(questions.map((question, i) => this.#partOf(question, decisions[i]!)));
    const visible = parts.flatMap((part) => part ?? []);
    const shown = new Set(visible.map(({ patient }) => patient));
    const bases = new Map(candidates.flatMap(({ patient, basis }) => (shown.has(patient) ? [[patient, basis]] : [])));
    const isSure =
      final !== undefined && !this.#hasTerms(asker.purpose) && decisions.every(({ reason }) => !isPassing(reason));
    const nextAfter = (time: number) => Math.min(...instants.filter((instant) => instant > time));
    return {
      ...{
        access: { visible, bases, block: head.block },
        hash: head.hash,
        at,
        until: Math.min(at + LASTS, nextAfter(at)),
      },
      settled: isSure
        ? {
            ...{ era: head.era, final: final.number, until: nextAfter(final.time) },
            hangsOn: hangsOn.map((id) => toBeHex(id, 32)),
          }
        : undefined,
    };
  }

  /** A module may hold back for reasons that no event of these participants tells of. */
  #hasTerms(purpose: Purpose): boolean {
    return purpose === "HRESCH" || this.#client.modules.some(({ holdBack }) => holdBack?.purposes.includes(purpose));
  }

  async #candidates({ participant, purpose }: Asker) {
    const { patients, hangsOn, instants } = await whoseRecords(this.#client, { viewer: participant });
    const counts = (seer: Seer) =>
      seer.waitsFor === undefined &&
      (seer.steward === 0 || seer.steward === this.#steward) &&
      (seer.purpose === undefined || seer.purpose === purpose);
    const others = patients.flatMap(({ patient, seers }): Candidate[] => {
      const counting = seers.filter(counts);
      const categories = new Set(counting.flatMap(({ sees }) => sees.map(({ category }) => category)));
      return categories.size === 0 ? [] : [{ patient, basis: counting[0]!.basis, categories }];
    });
    const own: Candidate = { patient: participant, basis: "patient", categories: new Set(CATEGORIES) };
    return { candidates: [own, ...others], hangsOn, instants };
  }

  /** About each kind that is kept, of those that may be seen. */
  async #questions({ participant: viewer, purpose }: Asker, candidates: readonly Candidate[]): Promise<KindQuestion[]> {
    const kept = await (this.#kinds ??= this.#keptKinds());
    return candidates.flatMap(({ patient, categories }) => {
      const bits = kept.get(patient) ?? 0;
      return CATEGORIES.filter((category) => categories.has(category)).flatMap((category) =>
        [false, true]
          .filter((confidential) => (bits & bitOf(category, confidential)) !== 0)
          .map((confidential) => ({ patient, steward: this.#steward, viewer, purpose, category, confidential })),
      );
    });
  }

  /** Nothing goes to, and nothing is told of, whom this institution doesn't know any more: it withdrew who that is. */
  async #standing({ participant }: Asker, questions: readonly KindQuestion[]): Promise<readonly KindQuestion[]> {
    if (questions.length === 0) return questions;
    const people = [participant, ...questions.map(({ patient }) => patient)];
    const withdrawn = await this.#client.withdrawnAmong({ people });
    if (withdrawn.includes(participant)) return [];
    return questions.filter(({ patient }) => !withdrawn.includes(patient));
  }

  async #keptKinds(): Promise<ReadonlyMap<number, number>> {
    const bits = new Map<number, number>();
    for (const { patient, category, confidential } of await this.#kept.kinds())
      bits.set(patient, (bits.get(patient) ?? 0) | bitOf(category, confidential));
    return bits;
  }

  async #partOf(question: KindQuestion, { allowed, reason }: Decision): Promise<VisiblePart | undefined> {
    const { patient, category, confidential } = question;
    const kind = { patient, category, confidential };
    if (allowed) return kind;
    const records = await this.#singly(reason, kind);
    const admitted = await Promise.all(records.map(async (record) => this.#admits(question, record)));
    const numbers = records.filter((_, i) => admitted[i]).map(({ number }) => number);
    return numbers.length === 0 ? undefined : { ...kind, records: numbers };
  }

  /** The records to ask about one by one, where the answer to the whole kind leaves that open. */
  async #singly(reason: Decision["reason"], kind: VisiblePart): Promise<readonly RecordRow[]> {
    return reason === "CONSTRAINED" || reason === "SINGLE_RECORDS" ? this.#kept.records(kind) : [];
  }

  async #admits(question: KindQuestion, row: RecordRow): Promise<boolean> {
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

/** A question about all records of one kind. */
type KindQuestion = Question & { confidential: boolean };

const bitOf = (category: Category, confidential: boolean): number =>
  1 << (CATEGORIES.indexOf(category) * 2 + Number(confidential));

/** What may change without an event: a constraint may begin at a time, and a node comes back. */
const isPassing = (reason: Decision["reason"]): boolean =>
  reason === "CONSTRAINED" || (reason?.startsWith("NODE") ?? false);

/** So many seconds an answer stands at its own head where nothing is sure, and what others wrote to the store isn't noticed. */
const LASTS = 2;
const MOST_ANSWERS = 10_000;
