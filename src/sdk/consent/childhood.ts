import { isError } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { currentTime, type Context } from "../context.js";

/**
 * Whether a person hasn't come of age yet at a block, so that its key is its representative's; also where nobody's time to act for
 * it is left.
 *
 * @param block its number; the head when left out
 */
export async function isChild(ctx: Context, person: number, block?: number): Promise<boolean> {
  try {
    const at = block === undefined ? {} : { blockTag: block };
    const { guardian } = await chainCall(() => ctx.contracts.Registrar.guardianshipOf(person, at));
    return guardian !== 0n;
  } catch (error) {
    // On a young chain the final block is older than the contracts: there it can't have come of age.
    if (isChartChainError(error, "CHAIN_CALL_FAILED") && isError(error.cause, "BAD_DATA")) return true;
    throw error;
  }
}

/** Whether somebody acts for a child by law now. */
export async function represents(ctx: Context, child: number, person: number): Promise<boolean> {
  const { guardian, until } = await chainCall(() => ctx.contracts.Registrar.guardianshipOf(child));
  return guardian === BigInt(person) && (await currentTime(ctx)) < Number(until);
}
