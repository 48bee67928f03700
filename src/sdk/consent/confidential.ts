import { ownId, type Context } from "../context.js";
import { decide } from "./decide.js";

/**
 * Whether a patient may hear now that there is something confidential: once it has come of age, by every node that is asked and
 * at the final block. Before, whoever represents the child would read it.
 */
export async function hearsOfConfidential(ctx: Context, patient: number): Promise<boolean> {
  const asked = {
    patient,
    steward: await ownId(ctx),
    viewer: patient,
    category: "SENSITIVE",
    purpose: "PATRQT",
  } as const;
  return (await decide(ctx, { ...asked, confidential: true })).allowed;
}
