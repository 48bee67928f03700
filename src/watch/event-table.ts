import { hexToBytes } from "@noble/hashes/utils.js";
import { Log, hexlify, zeroPadValue, type Provider } from "ethers";

import type { EventFilter } from "../sdk/index.js";
import type { Place } from "./consumers.js";
import type { Database, SqlValue } from "../sqlite/index.js";

/** A topic that isn't the event's own: which of its indexed parameters. */
const COLUMNS = ["first", "second", "third"] as const;

interface Row {
  block: number;
  position: number;
  kind: number;
  first: Uint8Array | null;
  second: Uint8Array | null;
  third: Uint8Array | null;
  data: Uint8Array;
  transaction_hash: Uint8Array;
  transaction_position: number;
  block_hash: Uint8Array;
}

/** The newest of those that a filter names. */
export interface Newest {
  most: number;
  before?: Place | undefined;
}

/** One kind of event: its contract, and the topic that names it. */
interface Kind {
  address: string;
  topic: string;
}

/**
 * The logs of the chain that the index has, by block and position, found by contract, kind of event and indexed parameters.
 *
 * Topics are stored without the zeros in front: a participant's number takes two or three bytes, not 32.
 */
export class EventTable {
  readonly #database: Database;
  #ids = new Map<string, number>();
  #kinds = new Map<number, Kind>();

  constructor(database: Database) {
    this.#database = database;
    this.#read();
    // What a transaction that failed had added isn't there.
    database.onRollback(() => this.#read());
  }

  /** Stores logs; those that are there already are left. */
  add(logs: readonly Log[]): void {
    for (const log of logs) {
      const [first, second, third] = COLUMNS.map((_, i) => packed(log.topics[i + 1]));
      this.#database.run(
        "INSERT OR IGNORE INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        log.blockNumber,
        log.index,
        this.#idOf({ address: log.address, topic: log.topics[0] ?? "" }),
        first!,
        second!,
        third!,
        fromHex(log.data),
        fromHex(log.transactionHash),
        log.transactionIndex,
        fromHex(log.blockHash),
      );
    }
  }

  /**
   * Those that a filter names, oldest first.
   *
   * @param newest only so many of the newest, before a place where one is named
   */
  find(filter: EventFilter & { toBlock: number }, provider: Provider, newest?: Newest): Log[] {
    const { address, topics, fromBlock, toBlock } = filter;
    const kinds = this.#kindsOf(address, topics[0]);
    if (kinds.length === 0) return [];
    const conditions = [`kind IN (${marks(kinds)})`, "block BETWEEN ? AND ?"];
    const values: SqlValue[] = [...kinds, fromBlock, toBlock];
    for (const [i, column] of COLUMNS.entries()) {
      const wanted = listed(topics[i + 1]);
      if (wanted === undefined) continue;
      conditions.push(`${column} IN (${marks(wanted)})`);
      values.push(...wanted.map(packed));
    }
    if (newest?.before !== undefined) {
      conditions.push("(block, position) < (?, ?)");
      values.push(newest.before.block, newest.before.position);
    }
    const order = newest === undefined ? "block, position" : "block DESC, position DESC LIMIT ?";
    if (newest !== undefined) values.push(newest.most);
    const rows = this.#database.all<Row>(
      `SELECT * FROM logs WHERE ${conditions.join(" AND ")} ORDER BY ${order}`,
      ...values,
    );
    if (newest !== undefined) rows.reverse();
    return rows.map((row) => this.#logOf(row, provider));
  }

  /** Logs after a place on the chain, oldest first, at most `most` of them. */
  after({ block, position }: Place, toBlock: number, most: number, provider: Provider): Log[] {
    const rows = this.#database.all<Row>(
      "SELECT * FROM logs WHERE (block, position) > (?, ?) AND block <= ? ORDER BY block, position LIMIT ?",
      block,
      position,
      toBlock,
      most,
    );
    return rows.map((row) => this.#logOf(row, provider));
  }

  /** Forgets everything after a block. */
  removeAfter(block: number): void {
    this.#database.run("DELETE FROM logs WHERE block > ?", block);
  }

  /**
   * Forgets what nobody follows, between two blocks.
   *
   * @param topics of which one has to be among a log's indexed parameters
   * @param kinds of which one a log may be instead
   */
  keepOnly(topics: readonly string[], kinds: readonly Kind[], fromBlock: number, toBlock: number): void {
    const followed = topics.map(packed);
    const ids = this.#database
      .all<Row>("SELECT * FROM logs WHERE block BETWEEN ? AND ?", fromBlock, toBlock)
      .filter((row) => {
        const { address, topic } = this.#kinds.get(row.kind)!;
        if (kinds.some((kind) => kind.address === address && kind.topic === topic)) return false;
        return !COLUMNS.some((column) => followed.some((each) => areSame(each, row[column])));
      });
    for (const { block, position } of ids)
      this.#database.run("DELETE FROM logs WHERE block = ? AND position = ?", block, position);
  }

  /** How many there are. */
  count(): number {
    return this.#database.get<{ count: number }>("SELECT count(*) AS count FROM logs")!.count;
  }

  #read(): void {
    this.#ids = new Map();
    this.#kinds = new Map();
    for (const { id, address, topic } of this.#database.all<Kind & { id: number }>("SELECT * FROM kinds")) {
      this.#ids.set(address + topic, id);
      this.#kinds.set(id, { address, topic });
    }
  }

  #idOf(kind: Kind): number {
    const known = this.#ids.get(kind.address + kind.topic);
    if (known !== undefined) return known;
    this.#database.run("INSERT INTO kinds (address, topic) VALUES (?, ?)", kind.address, kind.topic);
    this.#read();
    return this.#ids.get(kind.address + kind.topic)!;
  }

  #kindsOf(address: readonly string[], topic: EventFilter["topics"][number] | undefined): number[] {
    const topics = listed(topic);
    return [...this.#kinds].flatMap(([id, kind]) =>
      address.includes(kind.address) && (topics === undefined || topics.includes(kind.topic)) ? [id] : [],
    );
  }

  #logOf(row: Row, provider: Provider): Log {
    const { address, topic } = this.#kinds.get(row.kind)!;
    const topics = [topic, ...COLUMNS.flatMap((column) => (row[column] === null ? [] : [unpacked(row[column])]))];
    return new Log(
      {
        address,
        topics,
        data: hexlify(row.data),
        blockNumber: row.block,
        blockHash: hexlify(row.block_hash),
        transactionHash: hexlify(row.transaction_hash),
        transactionIndex: row.transaction_position,
        index: row.position,
        removed: false,
      },
      provider,
    );
  }
}

const marks = (values: readonly unknown[]): string => values.map(() => "?").join(", ");

/** The topics that a filter allows in one place; undefined: any. */
export const listed = (topic: EventFilter["topics"][number] | undefined): readonly string[] | undefined =>
  topic == null ? undefined : typeof topic === "string" ? [topic] : topic;

const packed = (topic: string | undefined): Uint8Array | null =>
  topic === undefined ? null : fromHex(topic.replace(/^0x(?:00)*/, "0x"));

// Not ethers' getBytes, which cuts a string for each byte: an index built anew reads four of these for each log.
const fromHex = (hex: string): Uint8Array => hexToBytes(hex.slice(2));

const unpacked = (bytes: Uint8Array): string => zeroPadValue(bytes, 32);

const areSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a !== null && b !== null && a.length === b.length && a.every((byte, i) => byte === b[i]);
