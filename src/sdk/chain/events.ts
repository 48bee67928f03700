import type { BaseContract, DeferredTopicFilter, EventLog } from "ethers";

import type { Context } from "../context.js";
import { chainCall } from "./errors.js";

/**
 * A contract's events, oldest first. A node that refuses a range as too large is asked for its halves.
 *
 * @param fromBlock the first block; the deployment's when left out
 * @param toBlock the last block; the head when left out
 */
export async function queryEvents(
  ctx: Context,
  contract: BaseContract,
  filter: DeferredTopicFilter,
  fromBlock: number = ctx.deployment.block,
  toBlock?: number,
): Promise<EventLog[]> {
  const last = toBlock ?? (await chainCall(() => ctx.provider.getBlockNumber()));
  if (fromBlock > last) return [];
  try {
    return (await contract.queryFilter(filter, fromBlock, last)) as EventLog[];
  } catch (error) {
    if (fromBlock === last || !/range|limit|too many|more than|exceed/i.test(String(error))) {
      return chainCall(() => Promise.reject(error as Error));
    }
    const middle = Math.floor((fromBlock + last) / 2);
    return [
      ...(await queryEvents(ctx, contract, filter, fromBlock, middle)),
      ...(await queryEvents(ctx, contract, filter, middle + 1, last)),
    ];
  }
}
