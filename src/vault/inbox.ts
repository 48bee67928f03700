import type { Database } from "../sqlite/index.js";
import { requireBytes } from "./input.js";

/** Which handover files were taken in, so that one that comes again is noticed. */
export class Inbox {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** True when a file of this digest (32 bytes) was marked. */
  seen(fileDigest: Uint8Array): boolean {
    requireBytes(fileDigest, "fileDigest", 32);
    return this.#database.get("SELECT 1 FROM inbox WHERE digest = ?", fileDigest) !== undefined;
  }

  /**
   * Marks a file, in the same transaction as what was taken from it.
   *
   * @returns false when it was marked before: the file is a replay
   */
  markSeen(fileDigest: Uint8Array): boolean {
    requireBytes(fileDigest, "fileDigest", 32);
    const at = Math.floor(Date.now() / 1000);
    return this.#database.run("INSERT INTO inbox VALUES (?, ?) ON CONFLICT DO NOTHING", fileDigest, at) > 0;
  }

  /** The digests of all marked files. */
  list(): Uint8Array[] {
    const rows = this.#database.all<{ digest: Uint8Array }>("SELECT digest FROM inbox ORDER BY at, digest");
    return rows.map(({ digest }) => digest);
  }
}
