import type { Database } from "../sqlite/index.js";
import { requireHex, requireInteger, requireName } from "./input.js";

/** The last block that a scan has dealt with. */
export interface Cursor {
  /** Block number. */
  block: number;
  /** Block hash, `0x` and 32 bytes; another one at that number now means that the chain was reorganized. */
  hash: string;
}

/** How far each named scan of the chain has come. */
export class Cursors {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The cursor of that name, or `undefined` before the first {@link set}. */
  get(name: string): Cursor | undefined {
    requireName(name, "name");
    const row = this.#database.get<Cursor>("SELECT block, hash FROM cursors WHERE name = ?", name);
    return row && { ...row };
  }

  /**
   * Moves a cursor, also back after a reorganization. Do it in the same transaction as what the scan stored.
   *
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.transaction(() => {
   *   vault.denials.recordViewer(revoked);
   *   vault.cursors.set("consents", { block: 1200, hash });
   * });
   */
  set(name: string, { block, hash }: Cursor): void {
    requireName(name, "name");
    requireInteger(block, "block");
    this.#database.run(
      "INSERT INTO cursors VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET block = excluded.block, hash = excluded.hash",
      name,
      block,
      requireHex(hash, "hash", 32),
    );
  }
}
