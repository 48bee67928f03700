import { toBeHex, ZeroHash, type Log, type Provider } from "ethers";

import { chainCall, inRanges, sleep, type Deployment, type EventFilter, type EventSource } from "../sdk/index.js";
import { isChartChainError } from "../errors/index.js";
import type { Database } from "../sqlite/index.js";
import { AFTER_ALL, type Consumers, type Place } from "./consumers.js";
import { EventTable, listed, type Newest } from "./event-table.js";
import { blockUnknown, chainTooShort, chainUnsteady, nodeBehind } from "./index-errors.js";

/**
 * The newest blocks, which a reorganisation may replace: so many are read one by one, by their hashes, so that neither a fork
 * nor a node that lags behind another one leaves anything out. What is older is asked for in ranges.
 */
export const UNSETTLED = 64;

/** How many blocks a first question about older ones names, and how many logs are meant to come at a time. */
const FIRST_RANGE = 1;
const GOAL = 250;

/** So many of the newest blocks are asked for at the same time, and stored together. */
const TOGETHER = 16;

/** How often a sync begins anew when the chain changes under it, and the pause before, in milliseconds. */
const TRIES = 10;
const PAUSE = 100;

/** How often one thing is asked for that another node behind the same URL may have, and the first pause, in milliseconds. */
const TRIES_OF_ONE = 5;
const FIRST_PAUSE = 10;

/** The place of an address or a topic that stands for any. */
const ANY = "";

/** What the index keeps. */
export type IndexScope =
  /** Every event of the deployment: for whoever serves many participants. */
  | "whole"
  /** The events about those that somebody asked for: for a person's own device. */
  | "asked";

/** What is followed: everything, an indexed parameter (`address` is any), or a kind of event. */
interface Followed {
  address: string;
  topic: string;
  /** The last block up to which its events are complete; newer ones are among the unsettled. */
  through: number;
}

/** A block as far as following needs it. */
interface Header {
  number: number;
  hash: string;
  parentHash: string;
  time: number;
}

/** Which logs, whatever their block: see {@link EventFilter}. */
export type LogFilter = Pick<EventFilter, "address" | "topics">;

/** The block as of which something is read. */
export interface Head {
  block: number;
  hash: string;
  /** In seconds since 1970. */
  time: number;
}

/** What an index has at its newest block. */
export interface Reading extends Head {
  /** The newest block that the node named: lower than `block` where it knows less than the index. */
  newest: number;
  /** Those that a filter names, oldest first; only so many of the newest where that is asked for. */
  logs: (filter: LogFilter, newest?: Newest) => Log[];
  /**
   * All logs behind a block, oldest first; undefined where the block of that hash isn't the chain's any more, or is too old to tell,
   * or where they are more than `most`. It takes an index of everything.
   */
  since: (place: { block: number; hash?: string }, most: number) => Log[] | undefined;
}

/** How far the index is. */
export interface IndexState {
  /** The newest block that it has. */
  head: number;
  /** How many logs. */
  logs: number;
  /** How many participants, topics and kinds of events it follows; undefined when it keeps everything. */
  followed: number | undefined;
}

/** Told while older blocks are read. */
export interface SyncProgress {
  /** The last block that was read, and the last that will be. */
  block: number;
  toBlock: number;
  /** How many logs came so far. */
  logs: number;
}

/**
 * Follows the deployment's events into a database, and answers from it.
 *
 * Blocks are compared by hash: what a reorganisation replaced is undone back to the common ancestor and fetched anew. Each
 * step is one transaction, so that a program that is killed goes on where it was.
 */
export class Follower implements EventSource {
  readonly #database: Database;
  readonly #provider: Provider;
  readonly #deployment: Deployment;
  readonly #addresses: string[];
  readonly #onProgress: ((progress: SyncProgress) => void) | undefined;
  readonly #events: EventTable;
  readonly #consumers: Consumers;
  #newest = 0;
  #running: Promise<number> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    database: Database,
    consumers: Consumers,
    provider: Provider,
    deployment: Deployment,
    onProgress: ((progress: SyncProgress) => void) | undefined,
  ) {
    this.#consumers = consumers;
    this.#database = database;
    this.#provider = provider;
    this.#deployment = deployment;
    this.#addresses = Object.values(deployment.contracts);
    this.#onProgress = onProgress;
    this.#events = new EventTable(database);
  }

  /**
   * Follows what is to be followed from now on; what is new is fetched with the next sync.
   *
   * @param topics indexed parameters, 32 bytes in hex
   */
  follow(topics: readonly string[]): void {
    this.#follow(topics.map((topic) => ({ address: ANY, topic })));
  }

  /** Follows everything. */
  followAll(): void {
    this.#follow([{ address: ANY, topic: ANY }]);
  }

  /** How far it is. */
  state(): IndexState {
    const followed = this.#followed();
    return {
      head: this.#tip(),
      logs: this.#events.count(),
      followed: followed.some(isAll) ? undefined : followed.length,
    };
  }

  /**
   * Every log that a filter names, after a sync up to its last block, or to the newest. What isn't followed yet is from then on.
   *
   * @throws NODE_BEHIND, and what {@link EventSource.logs} throws
   */
  async logs(filter: EventFilter): Promise<Log[]> {
    const missing = this.#missing(filter);
    if (missing.length > 0) this.#follow(missing);
    // Also where it has the last block: another one may stand in its place by now.
    const head = await (filter.toBlock === undefined ? this.sync() : this.#syncTo(filter.toBlock));
    return this.#events.find({ toBlock: head, ...filter }, this.#provider);
  }

  /**
   * Reads several things of one and the same block, the newest one. What isn't followed yet is from then on.
   *
   * @param filters whatever `work` asks for is among what these name
   * @param work reads, and waits for nothing meanwhile
   * @throws as {@link sync}
   */
  async read<T>(filters: readonly LogFilter[], work: (reading: Reading) => T): Promise<T> {
    const missing = filters.flatMap((filter) => this.#missing(filter));
    if (missing.length > 0) this.#follow(missing);
    await this.sync();
    const block = this.#tip();
    const { hash, time } = this.#database.get<Omit<Head, "block">>(
      "SELECT hash, time FROM blocks WHERE number = ?",
      block,
    ) ?? { hash: ZeroHash, time: 0 };
    const range = { fromBlock: this.#deployment.block, toBlock: block };
    return work({
      ...{ block, hash, time, newest: this.#newest },
      logs: (filter, newest) => this.#events.find({ ...filter, ...range }, this.#provider, newest),
      since: (place, most) => {
        const isTheirs = place.hash === undefined || this.#hashOf(place.block) === place.hash;
        if (!isTheirs || !this.#followed().some(isAll)) return undefined;
        const logs = this.after({ block: place.block, position: AFTER_ALL }, block, most + 1);
        return logs.length > most ? undefined : logs;
      },
    });
  }

  /**
   * When blocks were made, in seconds since 1970: what was asked once is kept.
   *
   * @param hashes blocks that the index has logs of
   * @throws NODE_BEHIND for one that the node doesn't know
   */
  async timesOf(hashes: readonly string[]): Promise<Map<string, number>> {
    const times = await Promise.all(
      [...new Set(hashes)].map(async (hash) => [hash, await this.#timeOf(hash)] as const),
    );
    return new Map(times);
  }

  async #timeOf(hash: string): Promise<number> {
    const known = this.#database.get<{ time: number }>("SELECT time FROM times WHERE hash = ?", hash);
    if (known !== undefined) return known.time;
    const block = await persistently(async () => (await chainCall(() => this.#provider.getBlock(hash))) ?? undefined);
    if (block === undefined) throw blockUnknown(hash);
    this.#database.run("INSERT OR IGNORE INTO times VALUES (?, ?)", hash, block.timestamp);
    return block.timestamp;
  }

  /**
   * Brings the index to the node's head.
   *
   * @returns the head
   * @throws CHAIN_UNREACHABLE, CHAIN_CALL_FAILED, RATE_LIMITED, NODE_BEHIND, and what the database throws
   */
  sync(): Promise<number> {
    // Whoever asks while one runs gets the next one: the running one may have read the head before.
    this.#running ??= this.#after(() => {
      this.#running = undefined;
      return this.#sync();
    });
    return this.#running;
  }

  /** Logs after a place, as far as the index is: for whoever tells of them one by one. */
  after(place: Place, toBlock: number, most: number): Log[] {
    return this.#events.after(place, toBlock, most, this.#provider);
  }

  /** The hash of a block that the index has, if it kept it. */
  #hashOf(block: number): string | undefined {
    return this.#database.get<{ hash: string }>("SELECT hash FROM blocks WHERE number = ?", block)?.hash;
  }

  /** Waits for what runs. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  async #syncTo(block: number): Promise<number> {
    for (let tries = 1; ; tries++) {
      const head = await this.sync();
      if (head >= block) return head;
      // Another node behind the same URL may have said that there is this block.
      if (tries === TRIES) throw nodeBehind(block, head);
      await sleep(PAUSE);
    }
  }

  /** One after the other, whatever the one before came to. */
  #after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #sync(): Promise<number> {
    for (let tries = 1; ; tries++) {
      const head = await this.#header("latest");
      this.#newest = head?.number ?? 0;
      if (head !== undefined && this.#isComplete(head)) return this.#tip();
      const isComparable = head !== undefined && this.#hasHashFor(head.number);
      if (isComparable && (await this.#undo(head.number))) {
        await this.#settle(head.number);
        if ((await this.#readNewest(head)) && (await this.#deepen())) return this.#tip();
      }
      if (tries === TRIES) {
        throw head === undefined || isComparable ? chainUnsteady(tries) : chainTooShort(this.#tip(), head.number);
      }
      await sleep(PAUSE);
    }
  }

  /** Whether nothing happened since the last sync. */
  #isComplete({ number, hash }: Header): boolean {
    const settled = this.#settled();
    return this.#hashOf(number) === hash && this.#followed().every(({ through }) => through >= settled);
  }

  /**
   * Whether a head can be compared with what the index has. One far below that can't: whether the node lags behind, or has other
   * blocks there, nothing tells.
   */
  #hasHashFor(head: number): boolean {
    const block = Math.min(head, this.#tip());
    return block <= this.#beginning() || this.#hashOf(block) !== undefined;
  }

  /** Goes back to the newest block that the node has too. False when the node doesn't know what it should. */
  async #undo(head: number): Promise<boolean> {
    const known = this.#database.all<{ number: number; hash: string }>(
      "SELECT number, hash FROM blocks WHERE number <= ? ORDER BY number",
      head,
    );
    // Up to some block all are the node's, and none after it.
    let [low, high] = [-1, known.length - 1];
    while (low < high) {
      // The newest first: almost always nothing changed.
      const middle = high === known.length - 1 ? high : Math.ceil((low + high) / 2);
      const { number, hash } = known[middle]!;
      const theirs = await this.#header(number);
      if (theirs === undefined) return false;
      if (theirs.hash === hash) low = middle;
      else high = middle - 1;
    }
    const wrong = known[low + 1]?.number;
    if (wrong === undefined) return true;
    const ancestor = known[low]?.number ?? this.#beginning();
    this.#database.transaction(() => {
      this.#events.removeAfter(ancestor);
      this.#consumers.goBack(ancestor);
      this.#database.run("DELETE FROM blocks WHERE number > ?", ancestor);
      this.#database.run("UPDATE followed SET through = ? WHERE through > ?", ancestor, ancestor);
    });
    return true;
  }

  /**
   * Where a chain got shorter, fewer of its newest blocks are known by their hashes: fetches those of the blocks below, down from
   * the lowest that is known. False when they don't fit: the chain changed meanwhile.
   */
  async #deepen(): Promise<boolean> {
    const tip = this.#tip();
    const deepest = Math.max(tip - UNSETTLED, this.#beginning() + 1);
    const { lowest } = this.#database.get<{ lowest: number | null }>(
      "SELECT max(number) AS lowest FROM blocks AS b WHERE number <= ? AND NOT EXISTS (SELECT 1 FROM blocks WHERE number = b.number - 1)",
      tip,
    )!;
    if (lowest === null || lowest <= deepest) return true;
    const numbers = Array.from({ length: lowest - deepest + 1 }, (_, i) => lowest - i);
    const headers = await Promise.all(numbers.map((number) => persistently(() => this.#header(number))));
    let hash = this.#hashOf(lowest);
    for (const header of headers) {
      if (header === undefined || (hash !== ZeroHash && header.hash !== hash)) return false;
      hash = header.parentHash;
    }
    this.#database.transaction(() => {
      for (const header of headers.slice(1)) this.#keep(header!, false);
    });
    return true;
  }

  /** Reads older blocks in ranges, and lets those go from the unsettled that are no longer among the newest. */
  async #settle(head: number): Promise<void> {
    const before = this.#settled();
    const settled = Math.max(before, Math.min(head - UNSETTLED, this.#tip()));
    if (settled > before) {
      this.#database.transaction(() => {
        this.#forgetOthers(before + 1, settled);
        this.#database.run("UPDATE followed SET through = ? WHERE through = ?", settled, before);
        this.#setSettled(settled);
        this.#consumers.settle(settled);
        this.#prune(settled);
      });
    }
    const target = Math.max(settled, head - UNSETTLED);
    for (;;) {
      const [first, ...others] = this.#followed().sort((a, b) => a.through - b.through);
      if (first === undefined || first.through >= target) break;
      const together = [first, ...others.filter(({ through }) => through === first.through)];
      const next = others.find(({ through }) => through > first.through)?.through ?? target;
      await this.#readRanges(together, Math.min(next, target));
    }
    if (target > settled) {
      const header = await persistently(() => this.#header(target));
      if (header === undefined) throw nodeBehind(target, head);
      this.#database.transaction(() => {
        this.#keep(header, true);
        this.#setSettled(target);
      });
    }
  }

  /** Of the newest blocks everything is there, of those that settled what is followed. */
  #forgetOthers(fromBlock: number, toBlock: number): void {
    const followed = this.#followed();
    if (followed.some(isAll)) return;
    const topics = followed.filter(({ address }) => address === ANY).map(({ topic }) => topic);
    const kinds = followed.filter(({ address }) => address !== ANY);
    this.#events.keepOnly(topics, kinds, fromBlock, toBlock);
  }

  async #readRanges(followed: Followed[], toBlock: number): Promise<void> {
    const fromBlock = followed[0]!.through + 1;
    const filters = this.#filtersOf(followed);
    let count = 0;
    const size = { blocks: FIRST_RANGE, goal: GOAL };
    for await (const { through, logs } of inRanges(this.#provider, filters, fromBlock, toBlock, size)) {
      this.#database.transaction(() => {
        this.#events.add(logs);
        for (const { address, topic } of followed)
          this.#database.run(
            "UPDATE followed SET through = ? WHERE address = ? AND topic = ?",
            through,
            address,
            topic,
          );
      });
      count += logs.length;
      this.#onProgress?.({ block: through, toBlock, logs: count });
    }
  }

  /** Reads the newest blocks one by one. False when they don't fit together: the chain changed meanwhile. */
  async #readNewest(head: Header): Promise<boolean> {
    for (let first = this.#tip() + 1; first <= head.number; first = this.#tip() + 1) {
      const numbers = Array.from({ length: Math.min(TOGETHER, head.number - first + 1) }, (_, i) => first + i);
      const headers = await Promise.all(numbers.map((number) => persistently(() => this.#header(number))));
      const read = await Promise.all(headers.map(async (header) => header && persistently(() => this.#logsOf(header))));
      // Of many blocks mined at once, a local Hardhat chain names no parent.
      let parent = this.#hashOf(first - 1);
      const fitting: number[] = [];
      for (const [i, header] of headers.entries()) {
        if (header === undefined || read[i] === undefined) break;
        if (parent !== undefined && header.parentHash !== parent && header.parentHash !== ZeroHash) break;
        parent = header.hash;
        fitting.push(i);
      }
      this.#database.transaction(() => {
        for (const i of fitting) {
          this.#events.add(read[i]!);
          this.#keep(headers[i]!, false);
        }
      });
      if (fitting.length < numbers.length) return false;
    }
    return true;
  }

  /** A block's logs; undefined when the node doesn't have the block any more, or not yet. */
  async #logsOf({ hash }: Header): Promise<Log[] | undefined> {
    const ask = () => this.#provider.getLogs({ address: this.#addresses, blockHash: hash });
    try {
      return await chainCall(ask, { once: true });
    } catch {
      // Nodes say in many words that they don't know a block: only for one that is there it is worth to ask again.
      if (!(await this.#isThere(hash))) return undefined;
      try {
        return await chainCall(ask);
      } catch (error) {
        // Or it is there at another node behind the same URL. One that is out of reach says so to the next question.
        if (isChartChainError(error, "CHAIN_UNREACHABLE")) return undefined;
        throw error;
      }
    }
  }

  async #isThere(hash: string): Promise<boolean> {
    return (await chainCall(() => this.#provider.getBlock(hash))) !== null;
  }

  async #header(block: number | "latest"): Promise<Header | undefined> {
    const found = await chainCall(() => this.#provider.getBlock(block));
    if (found === null) return undefined;
    return { number: found.number, hash: found.hash!, parentHash: found.parentHash, time: found.timestamp };
  }

  /** What has to be followed before a filter can be answered: nothing where it is already. */
  #missing({ address, topics }: LogFilter): Omit<Followed, "through">[] {
    const followed = this.#followed();
    if (followed.some(isAll)) return [];
    const names = new Set(followed.map(({ address: of, topic }) => of + topic));
    const kinds = listed(topics[0]);
    const ofKinds = kinds && address.flatMap((of) => kinds.map((topic) => ({ address: of, topic })));
    const parameters = topics.slice(1).flatMap((topic) => {
      const wanted = listed(topic);
      return wanted === undefined ? [] : [wanted.map((each) => ({ address: ANY, topic: each }))];
    });
    // The fewest that aren't followed yet; a parameter rather than a kind, of which there may be many.
    const ways = [...parameters, ...(ofKinds === undefined ? [] : [ofKinds])].map((way) =>
      way.filter((each) => !names.has(each.address + each.topic)),
    );
    const [best] = ways.sort((a, b) => a.length - b.length);
    return best ?? [{ address: ANY, topic: ANY }];
  }

  #filtersOf(followed: readonly Followed[]): LogFilter[] {
    if (followed.some(isAll)) return [{ address: this.#addresses, topics: [] }];
    const topics = followed.filter(({ address }) => address === ANY).map(({ topic }) => topic);
    const kinds = followed.filter(({ address }) => address !== ANY);
    const places = topics.length === 0 ? [] : [1, 2, 3];
    return [
      ...places.map((place) => ({
        address: this.#addresses,
        topics: [...Array.from({ length: place }, () => null), topics],
      })),
      ...[...new Set(kinds.map(({ address }) => address))].map((address) => ({
        address: [address],
        topics: [kinds.filter((kind) => kind.address === address).map(({ topic }) => topic)],
      })),
    ];
  }

  #follow(added: readonly Omit<Followed, "through">[]): void {
    this.#database.transaction(() => {
      for (const { address, topic } of added)
        this.#database.run("INSERT OR IGNORE INTO followed VALUES (?, ?, ?)", address, topic, this.#beginning());
    });
  }

  #followed(): Followed[] {
    return this.#database.all<Followed>("SELECT * FROM followed");
  }

  #keep({ number, hash, time }: Header, isCheckpoint: boolean): void {
    this.#database.run("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)", number, hash, time, Number(isCheckpoint));
  }

  /** Of the settled blocks every so many are kept, and the newest, for finding a common ancestor. */
  #prune(settled: number): void {
    this.#database.run(
      "DELETE FROM blocks WHERE number < ? AND checkpoint = 0 AND number % ? <> 0",
      settled - UNSETTLED,
      UNSETTLED * UNSETTLED,
    );
  }

  /** The newest block that the index has. */
  #tip(): number {
    const { tip } = this.#database.get<{ tip: number | null }>("SELECT max(number) AS tip FROM blocks")!;
    return tip ?? this.#beginning();
  }

  /** Before the deployment there is nothing. */
  #beginning(): number {
    return this.#deployment.block - 1;
  }

  #settled(): number {
    const row = this.#database.get<{ value: string }>("SELECT value FROM source WHERE name = 'settled'");
    return Math.min(this.#tip(), row === undefined ? this.#beginning() : Number(row.value));
  }

  #setSettled(block: number): void {
    this.#database.run("INSERT OR REPLACE INTO source VALUES ('settled', ?)", String(block));
  }
}

/** Asks for what the node has to have: another one behind the same URL, which lags, may answer that it hasn't. */
async function persistently<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let tries = 1; ; tries++) {
    const answer = await ask();
    if (answer !== undefined || tries === TRIES_OF_ONE) return answer;
    await sleep(FIRST_PAUSE * 2 ** (tries - 1));
  }
}

const isAll = ({ address, topic }: Omit<Followed, "through">): boolean => address === ANY && topic === ANY;

/** A participant, study or other number as the topic of an event. */
export const topicOf = (id: number | bigint): string => toBeHex(id, 32);
