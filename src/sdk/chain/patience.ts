import { ChartChainError } from "../../errors/index.js";
import { readAnswer, type Refusal } from "./node-answers.js";
import { sleep } from "../time.js";

/** How often something is asked that was refused for a reason, and how long the first pause is, in milliseconds. */
const PATIENCE: Partial<Record<Refusal, { tries: number; pause: number }>> = {
  // Services count by the second.
  rate: { tries: 4, pause: 500 },
  passing: { tries: 4, pause: 200 },
  // A connection that was kept open too long breaks at its next use.
  lost: { tries: 3, pause: 50 },
};

/** All pauses of one question together, in milliseconds. A node that asks for more is told of instead. */
const LONGEST_WAIT = 30_000;

/**
 * Asks a node, and asks again where it may answer in a moment: after as long as it says itself (`Retry-After`, or a hint
 * in its answer), else after a pause that doubles. The number of tries and the time are bounded.
 *
 * Only for what may be asked twice: not for a transaction that the node signs itself.
 *
 * @throws what the last try threw
 */
export async function patiently<T>(ask: () => Promise<T>, of?: "events"): Promise<T> {
  let waited = 0;
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const pause = pauseAfter(error, tries, of);
      if (pause === undefined || waited + pause > LONGEST_WAIT) throw error;
      waited += pause;
      await sleep(pause);
    }
  }
}

function pauseAfter(error: unknown, tries: number, of?: "events"): number | undefined {
  if (error instanceof ChartChainError) return undefined;
  const { refusal, retryAfter } = readAnswer(error, of);
  const patience = PATIENCE[refusal];
  if (patience === undefined || tries >= patience.tries) return undefined;
  // Not all that were refused together come back together.
  return retryAfter ?? patience.pause * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
}
