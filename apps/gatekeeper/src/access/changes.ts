import type { ChainIndex } from "chartchain/watch";

/** The chain's newest block, as the index has it. */
export interface Head {
  block: number;
  hash: string;
  /** Seconds since 1970. */
  time: number;
  /** How often the chain lost a block that the index had: what was told before another number may never have happened. */
  era: number;
  /** The node knows less than the index: nothing that was decided before is sure. */
  isBehind: boolean;
}

/** So far back it looks at first: behind that lies the final block of the chains that there are, in blocks. */
const BACK = 256;
/** Where so many logs came at once, it can't be told who was named. */
const MOST_LOGS = 50_000;
/** So many participants' newest mentions are kept. */
const MOST_NAMED = 200_000;

type Reading = Parameters<Parameters<ChainIndex["read"]>[1]>[0];

/**
 * Whom the newest events name. Whatever may change what somebody sees is an event of the patient, the viewer, or the institution by
 * whose word somebody acts: where none of them was named since a block, and no time came, a decision of that block stands.
 */
export class Changes {
  readonly #index: ChainIndex;
  /** Contracts that decide nothing: what they tell changes no answer. */
  readonly #silent: ReadonlySet<string>;
  /** The newest block that names a participant, by its topic. */
  readonly #named = new Map<string, number>();
  #at: { block: number; hash: string } | undefined;
  /** Nothing is known of this block, and of older ones. */
  #floor = 0;
  #era = 0;

  /** @param silent the addresses of contracts whose events change no decision */
  constructor(index: ChainIndex, silent: readonly string[]) {
    this.#index = index;
    this.#silent = new Set(silent);
  }

  /**
   * The newest block, after the index was brought to it. Those who ask at the same time ask the node once.
   *
   * @throws CHAIN_UNREACHABLE, NODE_BEHIND and what else the index throws
   */
  head(): Promise<Head> {
    return this.#index.read([], (reading) => {
      this.#advance(reading);
      const { block, hash, time, newest } = reading;
      return { block, hash, time, era: this.#era, isBehind: newest < block };
    });
  }

  /** Whether nobody of these was named behind a block, as far as {@link head} told; false where that isn't known. */
  isQuietSince(block: number, participants: readonly string[]): boolean {
    return block >= this.#floor && participants.every((each) => (this.#named.get(each) ?? 0) <= block);
  }

  #advance(reading: Reading): void {
    const { block, hash } = reading;
    if (this.#at?.hash === hash) return;
    const logs = this.#at && reading.since(this.#at, MOST_LOGS);
    if (logs === undefined) this.#beginAnew(reading);
    else for (const log of logs) this.#note(log);
    this.#at = { block, hash };
  }

  /** Of a chain that it didn't know, or knew otherwise. */
  #beginAnew({ block, since }: Reading): void {
    this.#era++;
    this.#named.clear();
    this.#floor = Math.max(0, block - BACK);
    const logs = since({ block: this.#floor }, MOST_LOGS);
    if (logs === undefined) this.#floor = block;
    else for (const log of logs) this.#note(log);
  }

  #note({ address, topics, blockNumber }: { address: string; topics: readonly string[]; blockNumber: number }): void {
    if (this.#silent.has(address)) return;
    for (const topic of topics.slice(1)) this.#named.set(topic, blockNumber);
    if (this.#named.size <= MOST_NAMED) return;
    this.#named.clear();
    this.#floor = blockNumber;
  }
}
