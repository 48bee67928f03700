import { ZeroHash } from "ethers";

import { verifyDeposit, type DepositKey } from "./deposit-tree.js";
import { altered, is } from "../../handover/file.js";
import type { BankContext } from "./contracts.js";

/** A batch of 2^20 deposits, the largest that a budget allows, has proofs of twenty nodes. */
const MOST_NODES = 32;

/** Whether a value has the shape of a proof that a deposit is in a batch. */
export const isDepositProof = (value: unknown): boolean =>
  is.listOf(is.digest)(value) && (value as unknown[]).length <= MOST_NODES;

/**
 * Makes sure that a proof fits the batch that the steward confirmed. An empty one says nothing where there is no batch:
 * the steward stated the deposit then, which the contract knows.
 *
 * @throws HANDOVER_ALTERED
 */
export async function requireDepositProof(
  ctx: BankContext,
  deposit: DepositKey,
  proof: readonly string[],
): Promise<void> {
  if (proof.length === 0) return;
  const { root } = await ctx.contracts.DataBank.confirmationOf(deposit.steward, deposit.season);
  if (root === ZeroHash || !verifyDeposit(deposit, proof, root)) throw altered("the proof of the deposit");
}
