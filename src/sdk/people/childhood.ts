import { isError } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import type { Context } from "../context.js";
import { askNodes, speaking } from "../chain/nodes.js";

/**
 * Whether a person hasn't come of age yet at a block, so that its key is its representative's; also where nobody's time to act for
 * it is left.
 *
 * @param block its number; the head when left out
 */
export async function isChild(ctx: Context, person: number, block?: number): Promise<boolean> {
  try {
    const at = block === undefined ? {} : { blockTag: block };
    const { issuer } = await ctx.contracts.Registrar.childhoodOf(person, at);
    return issuer !== 0n;
  } catch (error) {
    // On a young chain the final block is older than the contracts: there it can't have come of age.
    if (isChartChainError(error, "CHAIN_CALL_FAILED") && isError(error.cause, "BAD_DATA")) return true;
    throw error;
  }
}

/** Whether somebody acts for a child by law now. Of several nodes all that answer have to say so. */
export async function represents(ctx: Context, child: number, person: number): Promise<boolean> {
  const asked = await askNodes(
    ctx,
    async (view) => (await isChild(view, child)) && (await view.contracts.Delegates.mayRepresent(child, person)),
  );
  const answers = speaking(asked);
  if (answers.length === 0) throw asked[0]!.failure!;
  return answers.every(({ value }) => value === true);
}
