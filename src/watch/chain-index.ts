import type { Log } from "ethers";

import { ChartChainError } from "../errors/index.js";
import type { Context, EventFilter, EventSource } from "../sdk/index.js";
import type { Database } from "../sqlite/index.js";
import { requireParticipant } from "./arguments.js";
import type { Consumers, Place } from "./consumers.js";
import { type Follower, type IndexState, type LogFilter, type Reading, topicOf } from "./follower.js";

/**
 * An index of a deployment's events. Given to `createClient` as `events`, no action scans the chain's log: what was asked
 * once is followed from then on, block by block.
 *
 * @example
 * await using index = await openIndex({ file: "index.sqlite", provider, deployment });
 * const client = await createClient({ runner, deployment, vault, store, events: index });
 */
export class ChainIndex implements EventSource {
  readonly #database: Database;
  readonly #follower: Follower;
  /** What was told to whom. */
  readonly consumers: Consumers;

  constructor(database: Database, follower: Follower, consumers: Consumers) {
    this.consumers = consumers;
    this.#database = database;
    this.#follower = follower;
  }

  /**
   * Every log that a filter names, as far as its last block, after a sync.
   *
   * @throws NODE_BEHIND when the node doesn't have that block; CHAIN_UNREACHABLE, CHAIN_CALL_FAILED, RATE_LIMITED;
   *   INDEX_CLOSED, INDEX_FULL, INDEX_CORRUPT
   */
  logs(filter: EventFilter): Promise<Log[]> {
    return this.#follower.logs(filter);
  }

  /**
   * Follows the events about participants (or studies) from now on, older ones with the next sync. An index of everything
   * does already. Throws ARGUMENT_INVALID for what is no participant id.
   */
  follow(...participants: readonly number[]): void {
    for (const each of participants) requireParticipant("a participant to follow", each);
    this.#follower.follow(participants.map(topicOf));
  }

  /**
   * Brings it to the node's newest block.
   *
   * @returns the newest block
   * @throws as {@link logs}
   */
  sync(): Promise<number> {
    return this.#follower.sync();
  }

  /**
   * Reads several things of one and the same block, the newest one.
   *
   * @param filters whatever `work` asks for is among what these name; it is followed from then on
   * @param work reads, and waits for nothing meanwhile
   * @throws as {@link logs}
   */
  read<T>(filters: readonly LogFilter[], work: (reading: Reading) => T): Promise<T> {
    return this.#follower.read(filters, work);
  }

  /**
   * When blocks were made, in seconds since 1970.
   *
   * @param hashes of blocks that it has logs of
   * @throws NODE_BEHIND, CHAIN_UNREACHABLE, CHAIN_CALL_FAILED, RATE_LIMITED
   */
  timesOf(hashes: readonly string[]): Promise<Map<string, number>> {
    return this.#follower.timesOf(hashes);
  }

  /** What is there after a place, as far as the index is: the oldest `most` logs up to a block. */
  after(place: Place, toBlock: number, most: number): Log[] {
    return this.#follower.after(place, toBlock, most);
  }

  /** How far it is. */
  get state(): IndexState {
    return this.#follower.state();
  }

  /** Releases file and lock, once what runs is done. Closing twice is harmless. */
  async close(): Promise<void> {
    await this.#follower.idle();
    this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The index that a client reads through. Throws INDEX_MISSING. */
export function indexOf({ events }: Pick<Context, "events">): ChainIndex {
  if (events instanceof ChainIndex) return events;
  throw new ChartChainError("INDEX_MISSING", "this client has no index", {
    hint: "Open one with openIndex and give it to createClient as events.",
  });
}
