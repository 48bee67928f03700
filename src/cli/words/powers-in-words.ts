import type { DelegatePowers } from "../../sdk/index.js";
import { CATEGORY_WORDS, inWords } from "./terms-in-words.js";

/** What a delegate may do, one power to a row. */
export const powersInWords = ({ approve, grant, view }: DelegatePowers): Record<string, string[] | undefined> => ({
  "may see": view.length === 0 ? ["nothing"] : inWords(view, CATEGORY_WORDS),
  "may grant others": grant.length === 0 ? ["nothing"] : inWords(grant, CATEGORY_WORDS),
  "may decide": approve ? ["who keeps records", "whether there was an emergency"] : ["nothing"],
});
