import { CATEGORIES, type Category, type Client, EVERY_STEWARD, type Purpose } from "chartchain";
import { isChartChainError } from "chartchain/errors";

import type { Access, AccessDecider, Asker, Deciding } from "../access/access.js";
import type { Permits } from "../access/permits.js";
import { Refusal } from "../http/outcome.js";
import { type ActionBook, idOf, type ReceivedAction } from "./book.js";
import type { Revocations } from "./revocations.js";

/** What grants at the desk are received with. */
export interface DeskOptions {
  client: Client;
  book: ActionBook;
  revocations: Revocations;
  permits: Permits;
  access: AccessDecider;
  institution: number;
  /** For what a grant counts at once. */
  purposes: readonly Purpose[];
  /** How long it does, in seconds, before the chain has it for good. */
  lasts: number;
  onWaiting: () => void;
  clock: () => number;
}

/** What a grant's message says: the file was checked. */
interface Said {
  patient: number;
  viewer: number;
  purpose: Purpose;
  steward: number;
  categories: Readonly<Record<string, boolean>>;
  until: number;
}

/**
 * Grants that a patient hands over at the desk: the signature is the consent, the chain is the record. One counts here at once, for this
 * institution's own records, as long as the chain's head contradicts nothing, and for a while: by then it has to be final.
 */
export class Desk implements Deciding {
  readonly #with: DeskOptions;
  /** Whether the head takes a grant, asked once for each block. */
  #tried: { block: string; answers: Map<string, Promise<boolean>> } = { block: "", answers: new Map() };

  constructor(options: DeskOptions) {
    this.#with = options;
  }

  get forgotten(): number {
    return this.#with.access.forgotten;
  }

  /**
   * Receives a grant: when this returns, it counts and is kept.
   *
   * @throws Refusal for what doesn't count at a desk; what `tryRelay` throws for what the contract wouldn't take
   */
  async receive(file: unknown): Promise<ReceivedAction> {
    const { client, book, revocations, access, lasts, onWaiting, clock } = this.#with;
    const id = idOf(file);
    const known = book.find(id);
    if (known?.handed === "grant") return known;
    const received = clock();
    const { action, account, says } = await client.tryRelay({ file });
    if (action !== "grantAccess") throw refused("it is no plain grant");
    const said = (file as { message: Said }).message;
    this.#requireForDesk(said);
    const { patient, viewer } = said;
    if (revocations.about(patient, viewer).length > 0)
      throw refused("access was taken away meanwhile, and the chain hasn't that yet");
    const signer = Number(await client.contracts.Registrar.participantOf(account));
    const until = Math.min(received + lasts, said.until);
    const noted = book.receive({
      ...{ id, handed: "grant", action, signer, patient, viewers: [viewer], says, received, until, file },
      state: "waiting",
    });
    access.forget();
    onWaiting();
    return noted;
  }

  /** What somebody may see now, by the chain, and by what counts at the desk. Throws as {@link AccessDecider.accessOf}. */
  async accessOf(asker: Asker): Promise<Access> {
    const { access, book, purposes, clock } = this.#with;
    const decided = await access.accessOf(asker);
    if (!purposes.includes(asker.purpose)) return decided;
    const grants = book.grantsFor(asker.participant, clock()).filter(({ state }) => state !== "failed");
    if (grants.length === 0) return decided;
    const visible = [...decided.visible];
    const bases = new Map(decided.bases);
    for (const grant of grants) {
      const { patient } = grant;
      const { purpose, categories } = (grant.file as { message: Said }).message;
      if (purpose !== asker.purpose) continue;
      for (const category of namedIn(categories)) {
        const kind = { patient, category, confidential: false };
        const isKnown = visible.some(
          (part) => part.patient === patient && part.category === category && !part.confidential,
        );
        if (isKnown || !(await this.#counts(grant, asker, category))) continue;
        visible.push(kind);
        if (!bases.has(patient)) bases.set(patient, "grant");
      }
    }
    return { ...decided, visible, bases };
  }

  /** What a patient handed over about a viewer. */
  about(patient: number, viewer: number): ReceivedAction[] {
    return this.#with.book.of(patient, "grant").filter(({ viewers }) => viewers.includes(viewer));
  }

  #requireForDesk({ purpose, steward }: Said): void {
    const { purposes, institution } = this.#with;
    if (!purposes.includes(purpose))
      throw refused(`it is for ${purpose}: at once counts what is for ${purposes.join(", ")}`);
    if (steward !== EVERY_STEWARD && steward !== institution) throw refused("it is about another provider's records");
  }

  /** The head has it, and the block isn't final yet; or hasn't it yet, and would take it. */
  async #counts(
    { patient, id, file }: ReceivedAction,
    { participant, purpose }: Asker,
    category: Category,
  ): Promise<boolean> {
    const question = { patient, viewer: participant, purpose, category, confidential: false };
    const { reason } = await this.#with.permits.decide(question);
    return reason === "NOT_FINAL" || (reason === "NOT_GRANTED" && (await this.#isTaken(id, file)));
  }

  async #isTaken(id: string, file: unknown): Promise<boolean> {
    const { client } = this.#with;
    const block = (await client.provider.getBlock("latest"))?.hash ?? "";
    if (this.#tried.block !== block) this.#tried = { block, answers: new Map() };
    const { answers } = this.#tried;
    let answer = answers.get(id);
    if (answer === undefined) {
      answer = client.tryRelay({ file }).then(
        () => true,
        (error: unknown) => {
          if (isChartChainError(error) && !UNANSWERED.includes(error.code)) return false;
          throw error;
        },
      );
      answers.set(id, answer);
      answer.catch(() => answers.delete(id));
    }
    return answer;
  }
}

const UNANSWERED: readonly string[] = ["CHAIN_UNREACHABLE", "RATE_LIMITED"];

const namedIn = (categories: Readonly<Record<string, boolean>>): Category[] =>
  CATEGORIES.filter((category) => categories[category.toLowerCase()] === true);

const refused = (why: string) =>
  new Refusal(422, "business-rule", `This doesn't count here at once: ${why}. Have it relayed.`);
