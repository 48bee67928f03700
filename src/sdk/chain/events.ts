import { EventLog, toBeHex, type BaseContract, type DeferredTopicFilter, type Log, type Provider } from "ethers";

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
export const queryEvents = (
  ctx: Context,
  contract: BaseContract,
  filter: DeferredTopicFilter,
  fromBlock?: number,
  toBlock?: number,
): Promise<EventLog[]> =>
  inRanges(ctx, fromBlock, toBlock, (first, last) => contract.queryFilter(filter, first, last) as Promise<EventLog[]>);

/**
 * Events of several kinds, also of several contracts, about one of these participants, oldest first: one question to the
 * node.
 *
 * @param kinds contracts, and which of their events; the first indexed parameter of each is the participant that it is about
 * @param about the participants
 * @param fromBlock the first block; the deployment's when left out
 * @param toBlock the last block; the head when left out
 * @throws what {@link queryEvents} throws
 *
 * @example
 * const { Registrar, Consents } = ctx.contracts;
 * await eventsAbout(ctx, [[Registrar, ["KeyChanging", "Recovered"]], [Consents, ["Granted"]]], [7]);
 */
export async function eventsAbout(
  ctx: Context,
  kinds: readonly (readonly [BaseContract, readonly string[]])[],
  about: readonly number[],
  fromBlock?: number,
  toBlock?: number,
): Promise<EventLog[]> {
  const contracts = new Map<string, BaseContract>();
  for (const [contract] of kinds) contracts.set(await contract.getAddress(), contract);
  const topics = [
    kinds.flatMap(([contract, names]) => names.map((name) => contract.interface.getEvent(name)!.topicHash)),
    about.map((participant) => toBeHex(participant, 32)),
  ];
  const address = [...contracts.keys()];
  return inRanges(ctx, fromBlock, toBlock, async (first, last) => {
    const logs = await ctx.provider.getLogs({ address, topics, fromBlock: first, toBlock: last });
    return logs.flatMap((log) => {
      const known = contracts.get(log.address)?.interface;
      const event = known?.getEvent(log.topics[0] ?? "");
      // What nobody asked for isn't looked at.
      return known === undefined || event == null ? [] : decoded(ctx, log, () => new EventLog(log, known, event));
    });
  });
}

const decodedBy = new WeakMap<Provider, Map<string, EventLog>>();
const MOST_DECODED = 4_096;

/** As `decode` does it, once for the same log: a patient's are read with each new block, and decoding takes the longest. */
function decoded({ provider }: Context, log: Log, decode: () => EventLog): EventLog {
  const before = decodedBy.get(provider) ?? new Map<string, EventLog>();
  decodedBy.set(provider, before);
  const { address, topics, data, blockHash, blockNumber, transactionHash, index } = log;
  const name = [blockHash, blockNumber, transactionHash, index, address, ...topics, data].join();
  const known = before.get(name);
  if (known !== undefined) return known;
  const event = decode();
  if (before.size >= MOST_DECODED) before.clear();
  before.set(name, event);
  return event;
}

async function inRanges(
  ctx: Context,
  fromBlock: number = ctx.deployment.block,
  toBlock: number | undefined,
  ask: (first: number, last: number) => Promise<EventLog[]>,
): Promise<EventLog[]> {
  const last = toBlock ?? (await chainCall(() => ctx.provider.getBlockNumber()));
  const found: EventLog[] = [];
  let blocks = last - fromBlock + 1;
  let limit: "range" | "size" | undefined;
  for (let first = fromBlock; first <= last;) {
    const until = Math.min(first + blocks - 1, last);
    try {
      found.push(...(await patiently(() => ask(first, until), "events")));
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
