import { getBytes } from "ethers";

import type { RecordKind } from "../../crypto/index.js";
import { factsOf } from "../consent/record-facts.js";
import { requireVault, type Context } from "../context.js";
import { kindFrom, type Category, type SensitivityClass } from "../vocabulary.js";

/** What of a record that is to be added tells its kind. */
interface Input {
  category: Category;
  content: unknown;
  sensitivities?: readonly SensitivityClass[];
  confidential?: boolean;
  amends?: string;
  disputes?: string;
}

/**
 * The kind that an input asks for, by its words alone.
 *
 * @throws UNKNOWN_NAME, CLASSES_OF_ORDINARY
 */
export const kindAsked = ({ category, sensitivities = [], confidential = false }: Input): RecordKind =>
  kindFrom({ category, classes: sensitivities, confidential });

/**
 * Of what kind a record will be. A SENSITIVE one whose classes aren't given has those that its content tells. What amends or
 * disputes a confidential record is confidential: it names that one.
 *
 * @throws UNKNOWN_NAME, CLASSES_OF_ORDINARY
 */
export function kindIn(ctx: Context, input: Input): RecordKind {
  const { envelopes } = requireVault(ctx);
  const { category, content, amends, disputes, confidential = false } = input;
  const isHeldConfidential = (digest: string) => envelopes.get(getBytes(digest))?.metadata?.confidential === true;
  const named = [amends, disputes].flatMap((digest) => digest ?? []);
  const told = category === "SENSITIVE" && content instanceof Uint8Array ? factsOf(content)?.classes : undefined;
  const sensitivities = input.sensitivities ?? told ?? [];
  return kindAsked({ ...input, sensitivities, confidential: confidential || named.some(isHeldConfidential) });
}
