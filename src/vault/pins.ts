import { randomBytes } from "node:crypto";
import type { Database } from "./database.js";
import type { Erasable } from "./erasable.js";
import { requireBytes, requireName } from "./input.js";
import type { Tombstones } from "./tombstones.js";

const PLACE = "pins";
const UNPINS = "unpins";

/** A record whose ciphertext this holder has pinned. */
export interface PinNote {
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  /** CIDv1 of the ciphertext. */
  cid: string;
}

/** Something that the store may still have pinned, though the record is gone. */
export interface Unpin {
  /** Names the note, 16 random bytes: it doesn't say which record it was. */
  id: Uint8Array;
  /** CIDv1 of the ciphertext. */
  cid: string;
}

interface Row {
  digest: Uint8Array;
  sealed: Uint8Array;
}

/**
 * Notes of what this holder has pinned, or is about to. That a digest belongs to a CID is known to readers only, so it is
 * sealed. When a record is erased, its note is exchanged for one that says what to unpin, until the store has done so: no
 * pin is ever without a note, wherever a crash comes.
 */
export class Pins {
  readonly #database: Database;
  readonly #erasable: Erasable;
  readonly #tombstones: Tombstones;

  constructor(database: Database, erasable: Erasable, tombstones: Tombstones) {
    this.#database = database;
    this.#erasable = erasable;
    this.#tombstones = tombstones;
  }

  /** Notes that a record's ciphertext is pinned. Throws `RECORD_SHREDDED`, `VAULT_INPUT_INVALID`. */
  put({ digest, cid }: PinNote): void {
    requireBytes(digest, "digest", 32);
    requireName(cid, "cid");
    this.#database.transaction(() => {
      this.#tombstones.requireRecordLives(digest);
      const sealed = this.#erasable.seal(PLACE, digest, new TextEncoder().encode(cid));
      this.#database.run(
        "INSERT INTO pins VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
        digest,
        sealed,
      );
    });
  }

  /** The CID that is pinned for a record. */
  get(digest: Uint8Array): string | undefined {
    requireBytes(digest, "digest", 32);
    const row = this.#database.get<Row>("SELECT digest, sealed FROM pins WHERE digest = ?", digest);
    return row && this.#open(row).cid;
  }

  /** All notes, by digest. */
  list(): PinNote[] {
    const rows = this.#database.all<Row>("SELECT digest, sealed FROM pins ORDER BY digest");
    return rows.map((row) => this.#open(row));
  }

  /** Forgets that a record's ciphertext is pinned, after it was unpinned. */
  delete(digest: Uint8Array): boolean {
    requireBytes(digest, "digest", 32);
    return this.#database.run("DELETE FROM pins WHERE digest = ?", digest) > 0;
  }

  /**
   * Exchanges a record's note for one that says what to unpin. Call it in the transaction that erases the record, before
   * its key is erased.
   *
   * @returns false when there was no note
   */
  exchange(digest: Uint8Array): boolean {
    const cid = this.get(digest);
    if (cid === undefined) return false;
    this.release(cid);
    return this.delete(digest);
  }

  /**
   * What the store has still to unpin.
   *
   * @example
   * for (const { id, cid } of vault.pins.toRelease()) {
   *   await store.unpin(cid);
   *   vault.pins.released(id);
   * }
   */
  toRelease(): Unpin[] {
    const rows = this.#database.all<{ id: Uint8Array; sealed: Uint8Array }>("SELECT id, sealed FROM unpins");
    return rows.map(({ id, sealed }) => ({
      id,
      cid: new TextDecoder().decode(this.#erasable.open(UNPINS, id, sealed)),
    }));
  }

  /** Notes what the store has to unpin. */
  release(cid: string): void {
    requireName(cid, "cid");
    const id = new Uint8Array(randomBytes(16));
    this.#database.transaction(() => {
      const sealed = this.#erasable.seal(UNPINS, id, new TextEncoder().encode(cid));
      this.#database.run("INSERT INTO unpins VALUES (?, ?)", id, sealed);
    });
  }

  /** Forgets, and erases, what the store has unpinned. */
  released(id: Uint8Array): void {
    requireBytes(id, "id", 16);
    this.#database.transaction(() => {
      this.#erasable.erase(id);
      this.#database.run("DELETE FROM unpins WHERE id = ?", id);
      this.#database.scrub();
    });
  }

  #open({ digest, sealed }: Row): PinNote {
    return { digest, cid: new TextDecoder().decode(this.#erasable.open(PLACE, digest, sealed)) };
  }
}
