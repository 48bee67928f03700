import { wipe, randomBytes } from "../crypto/index.js";
import type { Database } from "../sqlite/index.js";
import type { Sealer } from "./sealer.js";
import { corruptVault } from "./vault-errors.js";

const KEY_LENGTH = 32;

/**
 * Seals what must be erasable: everything of one name (a record's digest, a compartment's id) under a random key of its
 * own, so that erasing those 32 bytes erases it all.
 *
 * Deleting the sealed bytes is not enough to rely on. SQLite moves rows between pages as a table grows and shrinks, and
 * `secure_delete` does not promise to overwrite where they were: in tables without rowid some copies were found again.
 * The keys are never moved: their rows all have the same size, are only ever appended, and are overwritten in place
 * instead of deleted. See "leaves no byte of an erased key behind, however the tables grow and shrink" in the tests.
 */
export class Erasable {
  readonly #database: Database;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  /** The box to store in `place` for `name`; a first one creates its key. Call it inside a transaction. */
  seal(place: string, name: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return this.#withKey(this.#find(name) ?? this.#create(name), (key) =>
      this.#sealer.seal(place, name, plaintext, key),
    );
  }

  /** What the box holds. Throws `VAULT_CORRUPT` when it does not open, or its key is gone. */
  open(place: string, name: Uint8Array, box: Uint8Array): Uint8Array {
    const stored = this.#find(name);
    if (stored === undefined) throw corruptVault(this.#database.file, `the key of an entry of ${place} is missing`);
    return this.#withKey(stored, (key) => this.#sealer.open(place, name, box, key));
  }

  /** Erases the key of `name`. It is gone from the files once the database was scrubbed. */
  erase(name: Uint8Array): void {
    this.#database.run(
      `UPDATE erasable_keys SET key = zeroblob(${KEY_LENGTH})
       WHERE id = (SELECT key_id FROM erasable_names WHERE name = ?)`,
      name,
    );
    this.#database.run("DELETE FROM erasable_names WHERE name = ?", name);
  }

  #find(name: Uint8Array): Uint8Array | undefined {
    return this.#database.get<{ key: Uint8Array }>(
      "SELECT key FROM erasable_names JOIN erasable_keys ON id = key_id WHERE name = ?",
      name,
    )?.key;
  }

  #create(name: Uint8Array): Uint8Array {
    const key = randomBytes(KEY_LENGTH);
    this.#database.run("INSERT INTO erasable_keys (key) VALUES (?)", key);
    this.#database.run("INSERT INTO erasable_names (name, key_id) VALUES (?, last_insert_rowid())", name);
    return key;
  }

  #withKey(stored: Uint8Array, use: (key: Uint8Array) => Uint8Array): Uint8Array {
    const key = this.#sealer.combinedKey(stored);
    try {
      return use(key);
    } finally {
      wipe(stored, key);
    }
  }
}
