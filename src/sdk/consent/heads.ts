import { ChartChainError } from "../../errors/index.js";
import { SEEN_FINAL } from "../chain/nodes.js";
import { requireVault, type Context } from "../context.js";
import type { DecisionBlocks } from "../module-type.js";

/** The blocks that a decision is read at. */
export interface Heads extends DecisionBlocks {
  /** Whether the node knows less than was seen final before. */
  behind: boolean;
}

/** @throws CHAIN_UNREACHABLE where the node has no such block */
export async function readHeads(ctx: Context): Promise<Heads> {
  const { provider, finality } = ctx;
  const head = await provider.getBlock("latest");
  if (head?.hash == null) throw noBlock("newest");
  const final = await provider.getBlock(finality === "tag" ? "finalized" : Math.max(0, head.number - finality));
  if (final?.hash == null) throw noBlock("final");

  // An idle chain is not a stale one: what counts is whether the node knows less than was already seen final.
  const seen = requireVault(ctx).cursors.get(SEEN_FINAL);
  return { head, final, behind: seen !== undefined && head.number < seen.block };
}

const noBlock = (which: string): ChartChainError =>
  new ChartChainError("CHAIN_UNREACHABLE", `the node gives no ${which} block`, {
    hint: "Check that it has synced; where a chain has no finalized tag, give the finality as a number of blocks.",
  });
