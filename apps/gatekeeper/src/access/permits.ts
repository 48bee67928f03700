import type { Client, Decision, Question } from "chartchain";

/** What is asked about a kind of records. */
export type KindQuestion = Pick<Question, "patient" | "viewer" | "purpose" | "category"> & { confidential: boolean };

/** Answers that are remembered: of one block, and so many at the most. */
const MOST = 10_000;

/**
 * Whether somebody may have a kind of this institution's records now: the decision itself, asked once for each block. For what is sealed;
 * what is read in the clear has {@link AccessDecider}.
 */
export class Permits {
  readonly #client: Client;
  readonly #steward: number;
  #block = "";
  #answers = new Map<string, Promise<Decision>>();

  constructor(client: Client, steward: number) {
    this.#client = client;
    this.#steward = steward;
  }

  /** @throws CHAIN_UNREACHABLE and what else `decide` throws: then nothing may go out */
  async decide(question: KindQuestion): Promise<Decision> {
    const head = await this.#client.provider.getBlock("latest");
    const second = this.#client.clock();
    // An end comes by the clock, too.
    const block = `${head?.hash}/${second}`;
    if (block !== this.#block || this.#answers.size > MOST) {
      this.#answers = new Map();
      this.#block = block;
    }
    const { patient, viewer, purpose, category, confidential } = question;
    const key = [patient, viewer, purpose, category, confidential].join("/");
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#client.decide({ ...question, steward: this.#steward });
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
    return answer;
  }

  /** Forgets what was answered: something changed that isn't a block. */
  forget(): void {
    this.#answers.clear();
  }
}
