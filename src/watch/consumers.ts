import type { Database } from "../sqlite/index.js";
import { consumerInUse } from "./index-errors.js";

/** A place on the chain: a block, and a log's position in it. */
export interface Place {
  block: number;
  position: number;
}

/** A notice that was told, and the block that it was of. */
export interface Told extends Place {
  hash: string;
}

/** After every log of a block. */
export const AFTER_ALL = Number.MAX_SAFE_INTEGER;

/** What was told to whom: the index remembers it, so that whoever watches goes on where it was. */
export class Consumers {
  readonly #database: Database;
  /** Those that somebody watches as. The index is this process's alone, and so is this. */
  readonly #inUse = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes a consumer, after a block; one that is known stays where it is. */
  begin(name: string, block: number): void {
    this.#database.run("INSERT OR IGNORE INTO consumers VALUES (?, ?, ?)", name, block, AFTER_ALL);
  }

  /**
   * Takes a consumer for one who watches: two would each be told a part.
   *
   * @returns what gives it back
   * @throws WATCH_CONSUMER_IN_USE
   */
  take(name: string): () => void {
    if (this.#inUse.has(name)) throw consumerInUse(name);
    this.#inUse.add(name);
    return () => void this.#inUse.delete(name);
  }

  /** The last log that was dealt with. */
  place(name: string): Place {
    return this.#database.get<Place>("SELECT block, position FROM consumers WHERE name = ?", name)!;
  }

  /** Notes that a log was dealt with, and whether somebody was told of it. */
  pass(name: string, { block, position, hash }: Told, wasTold: boolean): void {
    this.#database.transaction(() => {
      this.#database.run("UPDATE consumers SET block = ?, position = ? WHERE name = ?", block, position, name);
      if (wasTold)
        this.#database.run("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, 0)", name, block, position, hash);
    });
  }

  /** What was told of blocks that are no longer the chain's, the newest first. */
  undone(name: string): Told[] {
    return this.#database.all<Told>(
      "SELECT block, position, hash FROM told WHERE consumer = ? AND undone = 1 ORDER BY block DESC, position DESC",
      name,
    );
  }

  /** What is undone, and told of, needn't be known any more. */
  forget(name: string, { hash, position }: Told): void {
    this.#database.run("DELETE FROM told WHERE consumer = ? AND hash = ? AND position = ?", name, hash, position);
  }

  /** Whether an end was told of. */
  knowsEnd(name: string, id: string): boolean {
    return this.#database.get("SELECT 1 FROM ends WHERE consumer = ? AND id = ?", name, id) !== undefined;
  }

  /** Notes that it was. */
  toldEnd(name: string, id: string): void {
    this.#database.run("INSERT OR IGNORE INTO ends VALUES (?, ?)", name, id);
  }

  /** Goes back with the chain. Inside the transaction that undoes its blocks. */
  goBack(ancestor: number): void {
    this.#database.run("UPDATE consumers SET block = ?, position = ? WHERE block > ?", ancestor, AFTER_ALL, ancestor);
    this.#database.run("UPDATE told SET undone = 1 WHERE block > ?", ancestor);
  }

  /** Forgets what was told of blocks that stay. Inside the transaction that settles them. */
  settle(block: number): void {
    this.#database.run("DELETE FROM told WHERE block <= ? AND undone = 0", block);
  }
}
