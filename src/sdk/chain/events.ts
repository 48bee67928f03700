import type { BaseContract, DeferredTopicFilter, EventLog } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { Context } from "../context.js";
import { chainCall, translate } from "./errors.js";
import { readAnswer } from "./node-answers.js";
import { patiently } from "./patience.js";

/**
 * A contract's events, oldest first. A node that gives events of fewer blocks at a time, or fewer events, is asked for
 * half as many blocks.
 *
 * @param fromBlock the first block; the deployment's when left out
 * @param toBlock the last block; the head when left out
 * @throws CHAIN_CALL_FAILED when the node doesn't even give the events of one block; RATE_LIMITED, CHAIN_UNREACHABLE
 */
export async function queryEvents(
  ctx: Context,
  contract: BaseContract,
  filter: DeferredTopicFilter,
  fromBlock: number = ctx.deployment.block,
  toBlock?: number,
): Promise<EventLog[]> {
  const last = toBlock ?? (await chainCall(() => ctx.provider.getBlockNumber()));
  const found: EventLog[] = [];
  let blocks = last - fromBlock + 1;
  let limit: "range" | "size" | undefined;
  for (let first = fromBlock; first <= last;) {
    const until = Math.min(first + blocks - 1, last);
    try {
      found.push(...((await patiently(() => contract.queryFilter(filter, first, until), "events")) as EventLog[]));
      first = until + 1;
      // Where the events were too many, fewer may follow; a number of blocks stays too many.
      if (limit === "size") blocks *= 2;
    } catch (error) {
      const { refusal } = readAnswer(error, "events");
      if (refusal !== "range" && refusal !== "size") throw translate(error);
      if (first === until) throw notEvenOne(first, error);
      limit = refusal;
      blocks = Math.ceil((until - first + 1) / 2);
    }
  }
  return found;
}

const notEvenOne = (block: number, cause: unknown): ChartChainError =>
  new ChartChainError("CHAIN_CALL_FAILED", `the node doesn't even give the events of block ${block} alone`, {
    details: { block },
    hint: "The cause says what it answered. Use another node, or a plan that allows more.",
    cause,
  });
