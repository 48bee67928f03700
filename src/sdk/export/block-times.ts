import { ChartChainError } from "../../errors/index.js";
import type { Context } from "../context.js";

/** The block that an export tells the chain at. */
export interface ExportBlock {
  number: number;
  hash: string;
  /** In seconds since 1970. */
  time: number;
  /** The time of this block or an earlier one, in seconds since 1970; asked once. */
  timeOf(block: number): Promise<number>;
}

/**
 * A block, with the times of those before it.
 *
 * @throws CHAIN_UNREACHABLE
 */
export async function exportBlock(ctx: Context, number: number): Promise<ExportBlock> {
  const block = await blockAt(ctx, number);
  const known = new Map([[number, block.timestamp]]);
  return {
    number,
    hash: block.hash,
    time: block.timestamp,
    async timeOf(asked) {
      const time = known.get(asked) ?? (await blockAt(ctx, asked)).timestamp;
      known.set(asked, time);
      return time;
    },
  };
}

async function blockAt(ctx: Context, number: number): Promise<{ hash: string; timestamp: number }> {
  const block = await ctx.provider.getBlock(number);
  if (block?.hash != null) return { hash: block.hash, timestamp: block.timestamp };
  throw new ChartChainError("CHAIN_UNREACHABLE", `the node doesn't give block ${number}`, {
    details: { block: number },
    hint: "Check that it has synced, and try again.",
  });
}
