import type { CID } from "multiformats/cid";

import { parseCid, rawCid } from "../cid.js";
import { blockMissing, onDisk } from "../failures.js";
import type { LocalBatch, LocalBlocks, LocalPins } from "../local-parts.js";
import { bytesOfLabel } from "../participant.js";
import { answered, type BrowserDatabase, inTransaction } from "./indexed-db.js";

/** Where the bytes of a block lie, how many they are, and when it was last written, in milliseconds since 1970. */
interface Entry {
  at: number;
  size: number;
  touchedMs: number;
}

/** The object stores: bytes under a running number; which of them are a block's; pins. */
const [BYTES, BLOCKS, PINS] = ["bytes", "blocks", "pins"] as const;

/** Makes the object stores of a new database. */
export function createStores(database: BrowserDatabase): void {
  database.createObjectStore(BYTES, { autoIncrement: true });
  database.createObjectStore(BLOCKS);
  database.createObjectStore(PINS);
}

/** A block is there once its entry is, which comes last. So a batch is written piece by piece and seen whole. */
export class BlockDatabase implements LocalBlocks {
  readonly #database: BrowserDatabase;

  constructor(database: BrowserDatabase) {
    this.#database = database;
  }

  nameOf(cid: CID): string {
    return rawCid(cid.multihash.digest).toString();
  }

  has(cid: CID): Promise<boolean> {
    return onDisk("look for a block", () =>
      inTransaction(
        this.#database,
        [BLOCKS],
        "readonly",
        async ({ blocks }) => (await answered(blocks.getKey(this.nameOf(cid)))) !== undefined,
      ),
    );
  }

  fetch(cid: CID): Promise<Uint8Array> {
    return onDisk("read a block", () =>
      inTransaction(this.#database, [BLOCKS, BYTES], "readonly", async ({ blocks, bytes }) => {
        const entry = (await answered(blocks.get(this.nameOf(cid)))) as Entry | undefined;
        if (entry === undefined) throw blockMissing(cid.toString());
        const found = (await answered(bytes.get(entry.at))) as Uint8Array | undefined;
        if (found === undefined) throw blockMissing(cid.toString());
        return found;
      }),
    );
  }

  batch(): LocalBatch {
    return new DatabaseBatch(this.#database, this);
  }

  sweep(keep: ReadonlySet<string>, youngestMs: number): Promise<{ removed: number; bytes: number }> {
    return onDisk("collect", () =>
      inTransaction(this.#database, [BLOCKS, BYTES], "readwrite", async ({ blocks, bytes }) => {
        const [names, entries] = await Promise.all([answered(blocks.getAllKeys()), answered(blocks.getAll())]);
        const result = { removed: 0, bytes: 0 };
        const stays = new Set<number>();
        for (const [i, { at, size, touchedMs }] of (entries as Entry[]).entries()) {
          if (keep.has(names[i] as string) || touchedMs > youngestMs) {
            stays.add(at);
            continue;
          }
          blocks.delete(names[i]);
          result.removed += 1;
          result.bytes += size;
        }
        // Of the blocks that went, and of writers that ended before their commit.
        for (const at of (await answered(bytes.getAllKeys())) as number[]) if (!stays.has(at)) bytes.delete(at);
        return result;
      }),
    );
  }
}

class DatabaseBatch implements LocalBatch {
  readonly #database: BrowserDatabase;
  readonly #held: BlockDatabase;
  readonly #written = new Map<string, { at: number; size: number }>();

  constructor(database: BrowserDatabase, held: BlockDatabase) {
    this.#database = database;
    this.#held = held;
  }

  /** @param bytes - trusted to hash to `cid` */
  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    const name = this.#held.nameOf(cid);
    if (this.#written.has(name)) return;
    await onDisk("write a block", async () => {
      // A view would be stored with all the memory under it.
      const own = bytes.slice();
      const at = await inTransaction(this.#database, [BYTES], "readwrite", ({ bytes: store }) =>
        answered(store.add(own)),
      );
      this.#written.set(name, { at: at as number, size: own.length });
    });
  }

  async has(cid: CID): Promise<boolean> {
    return this.#written.has(this.#held.nameOf(cid)) || this.#held.has(cid);
  }

  async fetch(cid: CID): Promise<Uint8Array> {
    const written = this.#written.get(this.#held.nameOf(cid));
    if (written === undefined) return this.#held.fetch(cid);
    return onDisk("read a block", () =>
      inTransaction(
        this.#database,
        [BYTES],
        "readonly",
        async ({ bytes }) => (await answered(bytes.get(written.at))) as Uint8Array,
      ),
    );
  }

  async commit(): Promise<void> {
    await onDisk("store the blocks", () =>
      inTransaction(this.#database, [BLOCKS, BYTES], "readwrite", async ({ blocks, bytes }) => {
        const touchedMs = Date.now();
        for (const [name, { at, size }] of this.#written) {
          // What was held may be damaged: the new bytes were hashed just now.
          const former = (await answered(blocks.get(name))) as Entry | undefined;
          if (former !== undefined) bytes.delete(former.at);
          blocks.put({ at, size, touchedMs } satisfies Entry, name);
        }
      }),
    );
  }

  /** What can't be removed now, the next collection does. */
  async abort(): Promise<void> {
    await inTransaction(this.#database, [BYTES], "readwrite", async ({ bytes }) => {
      for (const { at } of this.#written.values()) bytes.delete(at);
    }).catch(() => undefined);
  }
}

/** Pins, each under its participant's label and its CID. */
export class PinDatabase implements LocalPins {
  readonly #database: BrowserDatabase;
  readonly #participant: string;

  /** @throws INVALID_PARTICIPANT for an empty label or one over 64 bytes */
  constructor(database: BrowserDatabase, participant: string) {
    bytesOfLabel(participant);
    this.#database = database;
    this.#participant = participant;
  }

  async add(cid: CID): Promise<void> {
    await onDisk("pin", () =>
      inTransaction(this.#database, [PINS], "readwrite", ({ pins }) => answered(pins.put(true, this.#key(cid)))),
    );
  }

  async remove(cid: CID): Promise<void> {
    await onDisk("unpin", () =>
      inTransaction(this.#database, [PINS], "readwrite", ({ pins }) => answered(pins.delete(this.#key(cid)))),
    );
  }

  async own(): Promise<CID[]> {
    const all = await this.#all();
    return all.filter(([participant]) => participant === this.#participant).map(([, cid]) => parseCid(cid));
  }

  async everyones(): Promise<CID[]> {
    return (await this.#all()).map(([, cid]) => parseCid(cid));
  }

  #all(): Promise<[participant: string, cid: string][]> {
    return onDisk("list pins", () =>
      inTransaction(this.#database, [PINS], "readonly", ({ pins }) => answered(pins.getAllKeys())),
    ) as Promise<[string, string][]>;
  }

  #key(cid: CID): [participant: string, cid: string] {
    return [this.#participant, cid.toString()];
  }
}
