import type { Client, DeliveryFile, Purpose } from "chartchain";
import { isChartChainError, type ErrorCode } from "chartchain/errors";
import type { Vault } from "chartchain/vault";
import { whoMaySee } from "chartchain/watch";

import { contentsOf, isEmpty, narrowingOf } from "./contents.js";
import { type Asked, type Due, EVERYBODY, type Outbox } from "./outbox.js";

/** For what a delegate, or a representative, is given something: the chain asks for no purpose of theirs. */
const FOR_DELEGATES: Purpose = "TREAT";
const OWN: Purpose = "PATRQT";

/** By which name the vault notes the last delivery that counts. */
const LAST = "gatekeeper:last-delivery";

/** Denials that pass by themselves. Whatever else is denied is looked at again when something happens. */
const PASSING: readonly unknown[] = ["NOT_FINAL", "NODE_BEHIND", "NODES_DISAGREE", "NODES_MISSING"];

/** What is wrong with this question, and no later answer mends: the next thing that happens asks anew. */
const FOR_GOOD: readonly ErrorCode[] = ["CONSENT_DENIED", "NO_KEYS", "NOT_A_PATIENT", "IDENTITY_WITHDRAWN"];

/** What a releaser works with. */
export interface ReleaserOptions {
  client: Client;
  vault: Vault;
  outbox: Outbox;
  /** The institution that it is of. */
  institution: number;
  /** Seconds since 1970. */
  clock: () => number;
  /** Told how many deliveries a round made ready, if any. */
  onReleased: (deliveries: number) => void;
}

/**
 * Makes ready what this institution's vault has to release: each thing once, also where the process ends in between.
 *
 * A delivery is kept first, then the vault notes in one transaction that it was given and which one it was, and then it counts. Whatever
 * was kept and doesn't count after a crash is told apart by the vault's note: it counts, or never left.
 */
export class Releaser {
  readonly #with: ReleaserOptions;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(options: ReleaserOptions) {
    this.#with = options;
    const { vault, outbox } = options;
    for (const id of outbox.uncounted()) {
      if (vault.settings.get(LAST) === id) outbox.count(id);
      else outbox.drop(id);
    }
  }

  /**
   * Looks at everything that is due, one after the other. Rounds don't overlap: a vault has one writer. Who asks while one runs shares the
   * next one.
   *
   * @throws CHAIN_UNREACHABLE, JOURNAL_…, VAULT_…: what is left is due still
   */
  run(): Promise<void> {
    this.#next ??= this.#running = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#round();
      });
    return this.#next;
  }

  async #round(): Promise<void> {
    const { client, outbox, clock, onReleased } = this.#with;
    const final = await finalBlock(client);
    let released = 0;
    // What is about everybody comes first, and adds to the rest.
    for (const due of outbox.due(clock(), final)) if (due.viewer === EVERYBODY) await this.#spread(due);
    for (const due of outbox.due(clock(), final)) if (await this.#release(due)) released++;
    if (released > 0) onReleased(released);
  }

  /** Whoever may see something of a patient's may have something to get. */
  async #spread(due: Due): Promise<void> {
    const { client, outbox, institution } = this.#with;
    const { patient, block } = due;
    const { seers } = await whoMaySee(client, { patient });
    const theirs = seers.filter(
      ({ viewer, steward }) => viewer !== institution && (steward === EVERYBODY || steward === institution),
    );
    outbox.done(due, () => {
      outbox.note({ patient, viewer: patient, purpose: OWN, block: 0 });
      for (const { viewer, purpose = FOR_DELEGATES } of theirs) outbox.note({ patient, viewer, purpose, block });
    });
  }

  /** Returns whether there was something new. */
  async #release(due: Due): Promise<boolean> {
    const { client, vault, outbox, institution, clock } = this.#with;
    const { patient, viewer, purpose } = due;
    if (viewer === EVERYBODY || purpose === "") return false;
    const asked: Asked = { patient, viewer, purpose };
    let id: string | undefined;
    const keep = async (file: DeliveryFile) => {
      if (isEmpty(file)) return;
      const contents = contentsOf(vault, file);
      const narrowing = contents.singles.length === 0 ? "" : await narrowingOf(client, asked, institution);
      id = outbox.keep({ ...asked, ...contents, narrowing, file }, clock());
    };
    const counted = () => {
      if (id !== undefined) vault.settings.set(LAST, id);
    };
    try {
      await client.deliver({ ...asked, keep, counted });
    } catch (error) {
      if (id !== undefined) outbox.drop(id);
      if (!isChartChainError(error)) throw error;
      if (STOPPING.some((code) => error.code.startsWith(code))) throw error;
      const isOver = FOR_GOOD.includes(error.code) && !PASSING.includes(error.details["reason"]);
      if (isOver) outbox.done(due);
      else outbox.later(due, clock());
      return false;
    }
    outbox.done(due, () => {
      // A new word may let somebody see again what it was passed by with.
      outbox.again(asked);
      if (id !== undefined) outbox.count(id);
    });
    return id !== undefined;
  }
}

/** What keeps everything from going on. */
const STOPPING = ["CHAIN_UNREACHABLE", "RATE_LIMITED", "JOURNAL_", "VAULT_"];

/** The newest block that counts as final, by this client's own node. */
async function finalBlock({ provider, finality }: Client): Promise<number> {
  const block =
    finality === "tag"
      ? await provider.getBlock("finalized")
      : { number: (await provider.getBlockNumber()) - finality };
  return block?.number ?? 0;
}
