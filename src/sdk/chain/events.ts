import { EventLog, toBeHex, type BaseContract, type DeferredTopicFilter, type Log, type Provider } from "ethers";

import type { Context } from "../context.js";
import { translate } from "./errors.js";
import type { EventFilter } from "./event-source.js";

/**
 * A contract's events, oldest first.
 *
 * @param fromBlock the first block; the deployment's when left out
 * @param toBlock the last block; the head when left out
 * @throws what {@link EventSource.logs} throws
 */
export async function queryEvents(
  ctx: Context,
  contract: BaseContract,
  filter: DeferredTopicFilter,
  fromBlock?: number,
  toBlock?: number,
): Promise<EventLog[]> {
  const topics = (await filter.getTopicFilter()) as EventFilter["topics"];
  return eventsOf(ctx, [contract], topics, fromBlock, toBlock);
}

/**
 * Events of several kinds, also of several contracts, about one of these participants, oldest first: one question.
 *
 * @param kinds contracts, and which of their events; the first indexed parameter of each is the participant that it is about
 * @param about the participants
 * @param fromBlock the first block; the deployment's when left out
 * @param toBlock the last block; the head when left out
 * @throws what {@link EventSource.logs} throws
 *
 * @example
 * const { Registrar, Consents } = ctx.contracts;
 * await eventsAbout(ctx, [[Registrar, ["KeyChanging", "Recovered"]], [Consents, ["Granted"]]], [7]);
 */
export const eventsAbout = (
  ctx: Context,
  kinds: readonly (readonly [BaseContract, readonly string[]])[],
  about: readonly number[],
  fromBlock?: number,
  toBlock?: number,
): Promise<EventLog[]> =>
  eventsOf(
    ctx,
    kinds.map(([contract]) => contract),
    [
      kinds.flatMap(([contract, names]) => names.map((name) => contract.interface.getEvent(name)!.topicHash)),
      about.map((participant) => toBeHex(participant, 32)),
    ],
    fromBlock,
    toBlock,
  );

async function eventsOf(
  ctx: Context,
  of: readonly BaseContract[],
  topics: EventFilter["topics"],
  fromBlock: number = ctx.deployment.block,
  toBlock?: number,
): Promise<EventLog[]> {
  const address = await Promise.all(of.map((contract) => contract.getAddress()));
  const range = toBlock === undefined ? { fromBlock } : { fromBlock, toBlock };
  return eventsAmong(ctx, of, await ctx.events.logs({ address, topics, ...range }));
}

/**
 * The events of these contracts among logs, in their order.
 *
 * @throws CHAIN_CALL_FAILED when a node gave for an event what is none of its contract's
 */
export function eventsAmong(ctx: Context, of: readonly BaseContract[], logs: readonly Log[]): EventLog[] {
  const contracts = new Map(of.map((contract) => [contract.target, contract.interface]));
  return logs.flatMap((log) => {
    const known = contracts.get(log.address);
    const event = known?.getEvent(log.topics[0] ?? "");
    // What nobody asked for isn't looked at.
    return known === undefined || event == null ? [] : decoded(ctx, log, () => new EventLog(log, known, event));
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
  const event = decodeWell(decode);
  if (before.size >= MOST_DECODED) before.clear();
  before.set(name, event);
  return event;
}

/** What a node gives for an event may be none of the contract's. */
function decodeWell(decode: () => EventLog): EventLog {
  try {
    return decode();
  } catch (error) {
    throw translate(error);
  }
}
