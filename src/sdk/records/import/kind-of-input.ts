import { getBytes, hexlify } from "ethers";

import type { RecordKind } from "../../../crypto/index.js";
import { factsOf } from "../../consent/record-facts.js";
import { requireVault, type Context } from "../../context.js";
import { kindFrom, type Category, type SensitivityClass } from "../../vocabulary.js";

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
 * What tells whether this vault's owner added a content to a chart as confidential: then it stays so, whatever the same content is
 * said to be later, and whatever it amends or disputes.
 */
export function confidentialIn(
  ctx: Context,
  { patient, author }: { patient: number; author: number },
): (content: Uint8Array) => boolean {
  const { additions, compartments, envelopes } = requireVault(ctx);
  const own = compartments.list({ patient, steward: author }).filter(({ confidential }) => confidential === true);
  const held = own.length === 0 ? [] : envelopes.list({ patient, compartmentIds: own.map(({ id }) => id) });
  return (content) =>
    held.some(({ digest, metadata }) => {
      if (metadata === undefined) return false;
      const { amends, disputes } = metadata;
      const added = additions.find(additions.keyOf({ patient, author, content, amends, disputes }));
      return added.some((one) => hexlify(one.digest) === hexlify(digest));
    });
}

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
