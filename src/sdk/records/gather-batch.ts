import { hexlify } from "ethers";

import { Batch, BATCH_SIZES } from "../../crypto/index.js";
import { anchorAlone, type Anchoring, type SealedForAnchoring } from "../actions/add-record.js";
import type { Context } from "../context.js";
import { anchorSealed, discardRecords } from "./anchor-record.js";
import { keepCurrent } from "./keep-current.js";
import { areStillCurrent, type Round } from "./rounds.js";

type Anchored = Awaited<ReturnType<Anchoring["anchor"]>>;

/** A sealed record that waits for the others. */
interface Waiting extends SealedForAnchoring {
  done: (anchored: Anchored) => void;
  failed: (error: unknown) => void;
}

/** As many as a batch takes. */
const MOST = BATCH_SIZES.at(-1)!;

/**
 * Gathers the sealed records of one patient, and anchors all of them as one batch; one alone stays alone.
 *
 * Each record is added as by `addRecord`, and waits with its turn until the batch is anchored: {@link add} returns as soon as
 * it waits, or is through.
 */
export class GatheredBatch implements Anchoring {
  readonly #ctx: Context;
  #waiting: Waiting[] = [];
  #begun: () => void = () => {};

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /**
   * Begins to add a record.
   *
   * @param begin adds it by way of this
   * @returns what the record comes to once {@link anchorAll} is through
   * @throws what `begin` throws before the record waits here
   */
  async add<T>(begin: () => Promise<T>): Promise<{ added: Promise<T> }> {
    const waits = new Promise<void>((resolve) => (this.#begun = resolve));
    const added = begin();
    // Whoever asks for it hears of it; until then nobody is to.
    added.catch(() => {});
    await Promise.race([waits, added]);
    return { added };
  }

  async beforeTurn(content: Uint8Array): Promise<void> {
    const isSame = (waiting: Waiting) => hexlify(waiting.content) === hexlify(content);
    if (this.#waiting.some(isSame) || this.#waiting.length === MOST) await this.anchorAll();
  }

  anchor(record: SealedForAnchoring): Promise<Anchored> {
    return new Promise((done, failed) => {
      this.#waiting.push({ ...record, done, failed });
      this.#begun();
    });
  }

  /** Anchors what waits. What keeps it from that each of the records' own promises says. */
  async anchorAll(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    try {
      const anchored = await (waiting.length === 1 ? [await this.#alone(waiting[0]!)] : this.#together(waiting));
      for (const [i, { done }] of waiting.entries()) done(anchored[i]!);
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }

  #alone({ scope, digest, round, signal }: Waiting): Promise<Anchored> {
    return anchorAlone(this.#ctx, scope, digest, round, signal);
  }

  async #together(waiting: readonly Waiting[]): Promise<Anchored[]> {
    const records = waiting.map(({ digest }) => digest);
    let rounds: Round[];
    try {
      rounds = await this.#current(waiting);
      for (const { signal } of waiting) signal?.throwIfAborted();
    } catch (error) {
      await discardRecords(this.#ctx, records);
      throw error;
    }
    const { patient } = waiting[0]!.scope;
    const batch = Batch.of(records);
    const { sent, places } = await anchorSealed(this.#ctx, { patient, records, batch, journaled: true });
    return waiting.map((_, i) => ({ sent, index: places[i]!, round: rounds[i]! }));
  }

  /** The rounds that all of them lie under, whose members may see them now: the chain is asked once where nothing changed. */
  async #current(waiting: readonly Waiting[]): Promise<Round[]> {
    const rounds = waiting.map(({ round }) => round);
    const asked = waiting.map(({ scope, round }) => ({
      category: scope.category,
      compartmentKey: round.compartmentKey,
    }));
    if (await areStillCurrent(this.#ctx, waiting[0]!.scope, asked)) return rounds;
    const renewed: Round[] = [];
    for (const { scope, digest, round } of waiting) renewed.push(await keepCurrent(this.#ctx, scope, digest, round));
    return renewed;
  }
}
