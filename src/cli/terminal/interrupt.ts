import { ChartChainError } from "../../errors/index.js";
import type { Talk } from "./talk.js";

/** The code of a step that was interrupted and stopped in good order: the process then exits with 130, as a shell expects. */
export const INTERRUPTED = "INTERRUPTED";

/** A signal for work that stops in good order when somebody presses Ctrl-C, or a service manager ends the step. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Watches for an interrupt until it is disposed of. Nobody waits for good order who interrupts twice: that ends the
 * process at once, and the next start brings to an end what was under way.
 *
 * @example
 * using interrupt = watchForInterrupt(talk);
 * for (const item of items) await work(item, interrupt.signal);
 */
export function watchForInterrupt(talk: Talk): Interrupt {
  const controller = new AbortController();
  const watch = talk.streams.onInterrupt?.(() => {
    if (controller.signal.aborted) return;
    talk.note("Stopping in good order. Interrupt again to stop at once.");
    controller.abort(
      new ChartChainError(INTERRUPTED, "interrupted", { hint: "Run the same again: it goes on there." }),
    );
  });
  return { signal: controller.signal, [Symbol.dispose]: () => watch?.[Symbol.dispose]() };
}
