import { ownId, requireSigner, type Context } from "../context.js";
import { requireIdentityStands } from "../people/identity-stands.js";
import type { Standing } from "../relationships/approved-terms.js";

/**
 * Asks the chain whether the client may anchor for a patient, before anything is done: in one question where one node is asked
 * and nothing is in the way. Throws as {@link addRecord}.
 *
 * @returns `author`: the client's participant; `standing`: how its relationship with the patient stands
 */
export async function requireMayAnchor(ctx: Context, patient: number): Promise<{ author: number; standing: Standing }> {
  const { Records, Summary } = ctx.contracts;
  const from = await requireSigner(ctx).getAddress();
  const { author, admitted, withdrawn, relationship } = await Summary.anchoringOf(patient, from);
  // The contract says what is in the way.
  if (!admitted) {
    const probe = `0x${"ff".repeat(32)}`;
    await Records.anchor.staticCall(patient, probe, { from });
  }
  if (withdrawn || ctx.nodes.length > 1) await requireIdentityStands(ctx, patient);
  // An account that acts only since then.
  return { author: Number(author) || (await ownId(ctx)), standing: relationship };
}
