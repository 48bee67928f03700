import type { Client } from "chartchain";

import { type ActionBook, idOf, type ReceivedAction } from "./book.js";

/** What revocations are received with. */
export interface RevocationsOptions {
  client: Client;
  book: ActionBook;
  /** Whether this gatekeeper sends what it received. */
  relays: boolean;
  /** Told at once when something was taken away: what was answered before counts no more. */
  onTaken: () => void;
  /** Told when something waits to be sent. */
  onWaiting: () => void;
  /** Seconds since 1970. */
  clock: () => number;
}

/**
 * Signed revocations that count here from their receipt on, before the chain has them. The vault remembers what ended, so that no decision of
 * this institution allows it again, whether the chain hears of it or not.
 */
export class Revocations {
  readonly #with: RevocationsOptions;

  constructor(options: RevocationsOptions) {
    this.#with = options;
  }

  /**
   * Receives one: when this returns, it counts and is kept.
   *
   * @throws what `takeRevocation` throws: then nothing has changed
   */
  async receive(file: unknown): Promise<ReceivedAction> {
    const { client, book, relays, onTaken, onWaiting, clock } = this.#with;
    const id = idOf(file);
    const known = book.find(id);
    // Handed over again: it counts since then.
    if (known?.handed === "revocation") return known;
    const received = clock();
    const { action, account, patient, viewers, says } = await client.takeRevocation({ file });
    // From here on nothing that was decided before goes out.
    onTaken();
    const signer = Number(await client.contracts.Registrar.participantOf(account).catch(() => 0n));
    const state = relays ? "waiting" : "kept";
    // So long somebody may send it.
    const until = (file as { message: { deadline: number } }).message.deadline;
    const noted = book.receive({
      ...{ id, handed: "revocation", action, signer, patient, viewers, says, received, until, state, file },
    });
    onWaiting();
    return noted;
  }

  /** What a patient revoked about a viewer, and the chain may not have yet. */
  about(patient: number, viewer: number): ReceivedAction[] {
    const { book, clock } = this.#with;
    return book
      .of(patient, "revocation")
      .filter(({ viewers }) => viewers.length === 0 || viewers.includes(viewer))
      .filter(({ state, until }) => state === "waiting" || (state === "kept" && clock() < until));
  }
}
