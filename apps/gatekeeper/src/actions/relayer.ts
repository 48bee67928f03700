import type { Client } from "chartchain";
import { isChartChainError, type ErrorCode } from "chartchain/errors";

import type { Log } from "../operate/log.js";
import type { ActionBook, ReceivedAction } from "./book.js";

/** What passes by itself, or by what whoever runs this does: it is tried again. */
const PASSING: readonly ErrorCode[] = [
  ...(["CHAIN_UNREACHABLE", "RATE_LIMITED", "NODE_BEHIND", "TRANSACTION_PENDING", "FEE_TOO_HIGH", "NO_FUNDS"] as const),
];

/** Sends what was handed over, one after the other, each once: the contracts take no signature twice. */
export class Relayer {
  readonly #client: Client;
  readonly #book: ActionBook;
  readonly #log: Log;
  readonly #clock: () => number;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #isStopped = false;

  constructor(client: Client, book: ActionBook, { log, clock }: { log: Log; clock: () => number }) {
    this.#client = client;
    this.#book = book;
    this.#log = log;
    this.#clock = clock;
  }

  /** Sends what waits. Who asks while it does shares the next round. What goes wrong is logged, and tried again. */
  run(): Promise<void> {
    this.#next ??= this.#running = this.#running
      .then(async () => {
        this.#next = undefined;
        // What takes away goes first, also before what came while this was running.
        for (let [action] = this.#waiting(); action !== undefined && !this.#isStopped; [action] = this.#waiting())
          await this.#send(action);
      })
      .catch((error: unknown) => this.#log("trouble", { part: "relaying", code: (error as Error).name }));
    return this.#next;
  }

  /** Ends after what is being sent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  #waiting(): ReceivedAction[] {
    return this.#book.toSend(this.#clock());
  }

  async #send(action: ReceivedAction): Promise<void> {
    const { id, file, handed } = action;
    try {
      const { receipt } = await this.#client.relay({ file, key: id });
      const { hash, blockNumber: block, gasUsed } = receipt;
      this.#book.settle(id, { state: "sent", hash, block, gas: Number(gasUsed) });
    } catch (error) {
      const code = isChartChainError(error) ? error.code : undefined;
      if (code === undefined || PASSING.includes(code)) {
        this.#log("trouble", { part: "relaying", code: code ?? (error as Error).name });
        this.#book.later(action, this.#clock(), code ?? "");
        return;
      }
      // The counter moved on: somebody else had it carried out, or it is over.
      const isOver = code === "INVALID_SIGNATURE" && handed !== "relay";
      this.#book.settle(id, { state: isOver ? "over" : "failed", code });
    }
  }
}
