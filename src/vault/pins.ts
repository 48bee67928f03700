import type { Database } from "../sqlite/index.js";
import type { Erasable } from "./erasable.js";
import { requireBytes, requireInteger, requireName } from "./input.js";
import type { Sealer } from "./sealer.js";
import type { Tombstones } from "./tombstones.js";
import { randomBytes } from "../crypto/index.js";

const PLACE = "pins";
const UNPINS = "unpins";

/** A record whose pack this holder has pinned. */
export interface PinNote {
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  /** CIDv1 of the pack that the sealed record lies in. */
  cid: string;
}

/** A pack that still holds what was erased, and is to be packed again without it. */
export interface DuePack {
  cid: string;
  /** Since when it is due, in seconds since 1970. */
  at: number;
  /** Digests of the records in it that stay, 32 bytes each. */
  digests: Uint8Array[];
}

/** Something that the store may still have pinned, though the records are gone or lie elsewhere. */
export interface Unpin {
  /** Names the note, 16 random bytes: it doesn't say which record it was. */
  id: Uint8Array;
  /** CIDv1 of the pack. */
  cid: string;
}

interface Row {
  digest: Uint8Array;
  sealed: Uint8Array;
}

/**
 * Notes of what this holder has pinned, or is about to. That a digest belongs to a CID is known to readers only, so it is
 * sealed. When the last record of a pack is erased, its note is exchanged for one that says what to unpin, until the store
 * has done so: no pin is ever without a note, wherever a crash comes. While others lie in the pack, it is due to be packed
 * again instead.
 */
export class Pins {
  readonly #database: Database;
  readonly #erasable: Erasable;
  readonly #tombstones: Tombstones;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer, erasable: Erasable, tombstones: Tombstones) {
    this.#database = database;
    this.#sealer = sealer;
    this.#erasable = erasable;
    this.#tombstones = tombstones;
  }

  /** Notes in which pack a record is pinned. Throws `RECORD_SHREDDED`, `VAULT_INPUT_INVALID`. */
  put({ digest, cid }: PinNote): void {
    requireBytes(digest, "digest", 32);
    requireName(cid, "cid");
    this.#database.transaction(() => {
      this.#tombstones.requireRecordLives(digest);
      const sealed = this.#erasable.seal(PLACE, digest, new TextEncoder().encode(cid));
      this.#database.run(
        `INSERT INTO pins (digest, sealed, pack) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET sealed = excluded.sealed, pack = excluded.pack`,
        digest,
        sealed,
        this.#packTag(cid),
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
   * Exchanges a record's note for one that says what to unpin or, where other records lie in the same pack, to pack again.
   * Call it in the transaction that erases the record, before its key is erased.
   *
   * @param at now, in seconds since 1970
   * @returns what is to be done with the pack; undefined when there was no note
   */
  exchange(digest: Uint8Array, at: number): "unpin" | "repack" | undefined {
    const cid = this.get(digest);
    if (cid === undefined) return undefined;
    this.delete(digest);
    if (this.recordsIn(cid).length > 0) {
      this.notePackDue(cid, at);
      return "repack";
    }
    this.#database.run("DELETE FROM repacks WHERE pack = ?", this.#packTag(cid));
    this.release(cid);
    return "unpin";
  }

  /** Notes that a pack holds what was erased, since when: in seconds since 1970. The earliest note stays. */
  notePackDue(cid: string, at: number): void {
    requireInteger(at, "at");
    this.#database.run("INSERT INTO repacks VALUES (?, ?) ON CONFLICT DO NOTHING", this.#packTag(cid), at);
  }

  /**
   * The packs that hold what was erased, those due longest first.
   *
   * @param until only those due by then, in seconds since 1970; all when left out
   */
  duePacks(until?: number): DuePack[] {
    const rows = this.#database.all<{ pack: Uint8Array; at: number }>(
      "SELECT pack, at FROM repacks WHERE ?1 IS NULL OR at <= ?1 ORDER BY at, pack",
      until ?? null,
    );
    return rows.flatMap(({ pack, at }) => {
      const notes = this.#database
        .all<Row>("SELECT digest, sealed FROM pins WHERE pack = ? ORDER BY digest", pack)
        .map((row) => this.#open(row));
      return notes.length === 0 ? [] : [{ cid: notes[0]!.cid, at, digests: notes.map(({ digest }) => digest) }];
    });
  }

  /**
   * Notes that the records of a pack lie in another one by now, which is pinned; the former is to be unpinned. Call it in
   * the transaction that writes their envelopes.
   */
  move(from: string, to: string): void {
    this.#database.transaction(() => {
      for (const digest of this.recordsIn(from)) this.put({ digest, cid: to });
      this.#database.run("DELETE FROM repacks WHERE pack = ?", this.#packTag(from));
      this.release(from);
    });
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

  /** Notes what the store has to unpin. Returns the note's name, 16 bytes. */
  release(cid: string): Uint8Array {
    requireName(cid, "cid");
    const id = randomBytes(16);
    this.#database.transaction(() => {
      const sealed = this.#erasable.seal(UNPINS, id, new TextEncoder().encode(cid));
      this.#database.run("INSERT INTO unpins VALUES (?, ?)", id, sealed);
    });
    return id;
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

  /** The digests of the records that are noted in a pack, 32 bytes each. */
  recordsIn(cid: string): Uint8Array[] {
    requireName(cid, "cid");
    return this.#database
      .all<{ digest: Uint8Array }>("SELECT digest FROM pins WHERE pack = ? ORDER BY digest", this.#packTag(cid))
      .map(({ digest }) => digest);
  }

  /** Which records lie together isn't readable in the file. */
  #packTag(cid: string): Uint8Array {
    return this.#sealer.tag("pins.pack", cid);
  }

  #open({ digest, sealed }: Row): PinNote {
    return { digest, cid: new TextDecoder().decode(this.#erasable.open(PLACE, digest, sealed)) };
  }
}
