import type { DelegateEntry } from "../../sdk/index.js";
import { facts, time } from "../terminal/tables.js";
import { powersInWords } from "./powers-in-words.js";

/** Those who act in somebody's place, each with powers and term. */
export const delegatesInWords = (
  entries: readonly DelegateEntry[],
  { patient, now }: { patient: number; now: number },
): string[] =>
  entries.map(({ delegate, from, until, source, ...powers }) =>
    facts({
      who: `participant ${delegate}`,
      ...powersInWords(powers),
      ...(source === patient ? {} : { "appointed by": `participant ${source}` }),
      ...(from <= now ? {} : { "counts from": `${time(from)}; until then you may dismiss it` }),
      until: time(until),
    }),
  );
