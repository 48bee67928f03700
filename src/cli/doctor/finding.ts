import { inTime } from "../actor/in-time.js";
import { isChartChainError } from "../../errors/index.js";

/** How long one look may take, in milliseconds. */
export const LIMIT_MS = 5_000;

/** What a look at one thing came to. */
export interface Finding {
  what: string;
  /** `doubtful` keeps nobody from working, and somebody should know it. */
  state: "good" | "doubtful" | "bad";
  says: string;
  /** How to mend it. */
  mend?: string;
}

type Outcome = Omit<Finding, "what">;

export const good = (says: string): Outcome => ({ state: "good", says });
export const doubtful = (says: string, mend: string): Outcome => ({ state: "doubtful", says, mend });
export const bad = (says: string, mend: string): Outcome => ({ state: "bad", says, mend });

/** What an error says, and how it is mended. */
export function asBad(error: unknown): Outcome {
  if (isChartChainError(error)) return bad(error.message, error.hint ?? `See ${error.code} in the list of errors.`);
  const said = error instanceof Error ? error.message.split("\n")[0]! : "something that is no error was thrown";
  return bad(said, "Run it again with CHARTCHAIN_DEBUG=1.");
}

/** Looks at one thing; what throws is bad, and what takes too long. */
export async function look(what: string, work: () => Promise<Outcome>): Promise<Finding> {
  const outcome = await inTime(
    LIMIT_MS,
    // What stops the thread isn't begun before there is a limit.
    Promise.resolve().then(work).catch(asBad),
    () =>
      bad(
        `no answer in ${LIMIT_MS / 1000} seconds`,
        "Check that it runs, and that nothing stands between it and this machine.",
      ),
  );
  return { what, ...outcome };
}
