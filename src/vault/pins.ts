import type { Database } from "./database.js";
import type { Erasable } from "./erasable.js";
import { requireBytes, requireName } from "./input.js";
import type { Tombstones } from "./tombstones.js";

const PLACE = "pins";

/** A record whose ciphertext this holder has pinned. */
export interface PinNote {
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  /** CIDv1 of the ciphertext. */
  cid: string;
}

interface Row {
  digest: Uint8Array;
  sealed: Uint8Array;
}

/** Notes of what this holder has pinned. That a digest belongs to a CID is known to readers only, so it is sealed. */
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

  #open({ digest, sealed }: Row): PinNote {
    return { digest, cid: new TextDecoder().decode(this.#erasable.open(PLACE, digest, sealed)) };
  }
}
