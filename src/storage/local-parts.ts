import type { CID } from "multiformats/cid";

import type { BlockSource } from "./block-source.js";
import type { BlockSink } from "./unixfs-import.js";

/** Writes that become visible together. Until `commit` nothing of them is; after `abort` nothing ever was. */
export interface LocalBatch extends BlockSink, BlockSource {
  /** Answers once everything is durable. */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Where blocks lie. A block that is written again counts as written now. */
export interface LocalBlocks extends BlockSource {
  /** The block's name among the others: of its digest alone. */
  nameOf(cid: CID): string;
  batch(): LocalBatch;
  /**
   * Removes the blocks whose names aren't kept and that were written before a moment, and what writers left that crashed.
   * Only while no writer is at work.
   */
  sweep(keep: ReadonlySet<string>, youngestMs: number): Promise<{ removed: number; bytes: number }>;
}

/** Who keeps what. Both writes are durable when they answer. */
export interface LocalPins {
  add(cid: CID): Promise<void>;
  remove(cid: CID): Promise<void>;
  /** This participant's pins. */
  own(): Promise<CID[]>;
  /** Everyone's pins. */
  everyones(): Promise<CID[]>;
}

/** Any number of writers or one collector, whoever else has the same blocks. */
export interface LocalLock {
  /** @throws STORE_BUSY when a collection lasts longer than `waitMs` */
  shared<T>(waitMs: number, run: () => Promise<T>): Promise<T>;
  /** @throws STORE_BUSY when writers do not finish within `waitMs` */
  exclusive<T>(waitMs: number, run: () => Promise<T>): Promise<T>;
}

/** What a store of this machine stands on. */
export interface LocalParts {
  blocks: LocalBlocks;
  pins: LocalPins;
  lock: LocalLock;
}
