import type { CID } from "multiformats/cid";

import { sha256 } from "../crypto/index.js";
import { type BlockSource, verified } from "./block-source.js";
import { stageCar } from "./car-reader.js";
import { carOf } from "./car-writer.js";
import { parseCid, rawCid } from "./cid.js";
import { collect } from "./collection.js";
import { checkComplete, walkDag } from "./dag-walk.js";
import { storeClosed, tooLarge } from "./failures.js";
import {
  DEFAULT_MAX_BYTES,
  type GetOptions,
  MAX_BLOCK_BYTES,
  type PutOptions,
  type RecordStore,
} from "./record-store.js";
import type { LocalBatch, LocalBlocks, LocalLock, LocalParts, LocalPins } from "./local-parts.js";
import { importContent } from "./unixfs-import.js";
import { readFile } from "./verified-reader.js";

/** How patient a store of this machine is, and how much it takes. */
export interface LocalLimits {
  /** How long an unpinned block survives its last write, in milliseconds (default one hour). */
  graceMs?: number;
  /** How long a writer waits for a collection, or a collection for writers, in milliseconds (default 10,000). */
  lockWaitMs?: number;
  /** Largest file put or read, in bytes (default 16 GiB); `get` may be told otherwise per call. */
  maxBytes?: number;
}

/**
 * A record store on this machine, whatever keeps its blocks: files in a folder, or a browser's database.
 *
 * Writing and pinning hold a shared lock, collection the exclusive one. What was put but not yet pinned is safe for
 * `graceMs` after its last put; `put(…, { pin: true })` needs no grace at all. Whoever ends anywhere leaves whole blocks, and
 * leftovers that the next collection clears.
 */
export class LocalStore implements RecordStore {
  readonly #blocks: LocalBlocks;
  readonly #source: BlockSource;
  readonly #pins: LocalPins;
  readonly #lock: LocalLock;
  readonly #limits: Required<LocalLimits>;
  #closed = false;

  constructor({ blocks, pins, lock }: LocalParts, limits: LocalLimits) {
    this.#blocks = blocks;
    this.#source = verified(blocks);
    this.#pins = pins;
    this.#lock = lock;
    this.#limits = {
      graceMs: limits.graceMs ?? 3_600_000,
      lockWaitMs: limits.lockWaitMs ?? 10_000,
      maxBytes: limits.maxBytes ?? DEFAULT_MAX_BYTES,
    };
  }

  async put(source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<{ cid: string; size: number }> {
    const { maxBytes } = this.#limits;
    return this.#writing(async (batch) => {
      const { cid, size } = await importContent(source, batch, { maxBytes, signal: options.signal });
      return { result: { cid: cid.toString(), size }, pin: options.pin === true ? cid : undefined };
    });
  }

  async putBlock(bytes: Uint8Array, options: PutOptions = {}): Promise<string> {
    if (bytes.length > MAX_BLOCK_BYTES) throw tooLarge("the block", bytes.length, MAX_BLOCK_BYTES);
    options.signal?.throwIfAborted();
    const cid = rawCid(sha256(bytes));
    return this.#writing(async (batch) => {
      await batch.put(cid, bytes);
      return { result: cid.toString(), pin: options.pin === true ? cid : undefined };
    });
  }

  async getBlock(cid: string, options: { signal?: AbortSignal } = {}): Promise<Uint8Array> {
    this.#checkOpen();
    return this.#source.fetch(parseCid(cid), options.signal);
  }

  async *get(cid: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    yield* readFile(this.#source, parseCid(cid), { maxBytes: this.#limits.maxBytes, ...options });
  }

  async has(cid: string): Promise<boolean> {
    this.#checkOpen();
    return this.#blocks.has(parseCid(cid));
  }

  async pin(cid: string): Promise<void> {
    this.#checkOpen();
    const parsed = parseCid(cid);
    await this.#lock.shared(this.#limits.lockWaitMs, async () => {
      await checkComplete(this.#source, parsed);
      await this.#pins.add(parsed);
    });
  }

  async unpin(cid: string): Promise<void> {
    this.#checkOpen();
    await this.#pins.remove(parseCid(cid));
  }

  async *pins(): AsyncGenerator<string> {
    this.#checkOpen();
    for (const cid of await this.#pins.own()) yield cid.toString();
  }

  async gc(): Promise<{ removed: number; bytes: number }> {
    this.#checkOpen();
    const { graceMs, lockWaitMs } = this.#limits;
    return this.#lock.exclusive(lockWaitMs, () => collect({ blocks: this.#blocks, pins: this.#pins }, graceMs));
  }

  async *exportCar(cid: string): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    const root = parseCid(cid);
    yield* carOf([root], walkDag(this.#source, root, { leaves: "fetch" }));
  }

  async importCar(source: AsyncIterable<Uint8Array>): Promise<string[]> {
    return this.#writing(async (batch) => {
      const roots = await stageCar(source, batch, this.#limits.maxBytes);
      // Once for all: a CAR may name the same root, or the parts of one, many thousand times.
      const seen = new Set<string>();
      for (const root of roots) await checkComplete(verified(batch), root, seen);
      return { result: roots.map(String), pin: undefined };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Everything that `write` puts becomes durable, and pinned if it says so, before the lock is released; or nothing. */
  async #writing<T>(write: (batch: LocalBatch) => Promise<{ result: T; pin: CID | undefined }>): Promise<T> {
    this.#checkOpen();
    return this.#lock.shared(this.#limits.lockWaitMs, async () => {
      const batch = this.#blocks.batch();
      try {
        const { result, pin } = await write(batch);
        await batch.commit();
        if (pin !== undefined) await this.#pins.add(pin);
        return result;
      } catch (error) {
        await batch.abort();
        throw error;
      }
    });
  }

  #checkOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}
