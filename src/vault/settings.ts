import type { Database } from "../sqlite/index.js";
import { invalidInput, requireName } from "./input.js";
import type { Sealer } from "./sealer.js";

const PLACE = "settings";
const MAX_LENGTH = 65_536;

/** Anything JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/**
 * Small values by name: preferences, documents that are held against the chain when they are used, and how far something came.
 * What decides access has tables of its own: `access.ts`. Values are sealed, names are not.
 */
export class Settings {
  readonly #database: Database;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  /** The value of that name, or `undefined`. */
  get(name: string): JsonValue | undefined {
    requireName(name, "name");
    const row = this.#database.get<{ sealed: Uint8Array }>("SELECT sealed FROM settings WHERE name = ?", name);
    if (row === undefined) return undefined;
    return JSON.parse(new TextDecoder().decode(this.#sealer.open(PLACE, name, row.sealed))) as JsonValue;
  }

  /** Keeps a value of at most 64 KiB as JSON. Throws `VAULT_INPUT_INVALID`. */
  set(name: string, value: JsonValue): void {
    requireName(name, "name");
    const encoded = new TextEncoder().encode(JSON.stringify(value) ?? "");
    if (encoded.length === 0 || encoded.length > MAX_LENGTH) {
      throw invalidInput("value", `a JSON value of at most ${MAX_LENGTH} bytes`);
    }
    const sealed = this.#sealer.seal(PLACE, name, encoded);
    this.#database.run(
      "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
      name,
      sealed,
    );
  }

  /** Forgets a value. Returns false when there was none. */
  delete(name: string): boolean {
    requireName(name, "name");
    return this.#database.run("DELETE FROM settings WHERE name = ?", name) > 0;
  }

  /** All names, in order. */
  names(): string[] {
    return this.#database.all<{ name: string }>("SELECT name FROM settings ORDER BY name").map(({ name }) => name);
  }
}
