import { ChartChainError } from "../errors/index.js";
import type { Database } from "../sqlite/index.js";
import type { Erasable } from "./erasable.js";
import { requireInteger, requireName } from "./input.js";
import type { Sealer } from "./sealer.js";
import type { JsonValue } from "./settings.js";

const PLACE = "worklist";
const ABOUT_PLACE = "worklist.about";

/** The largest input that is kept, in bytes. */
export const WORKLIST_INPUT_LIMIT = 32 * 1024 * 1024;

/** All inputs together, in bytes: a backup carries them. */
export const WORKLIST_LIMIT = 128 * 1024 * 1024;

/** Something that waits for a person's word. */
export interface NewWorklistItem {
  /** What makes it the same item when it comes again. */
  key: string;
  /** Why it waits: an error's code. Stands in the clear. */
  code: string;
  /** When it came, in seconds since 1970; now when left out. */
  at?: number;
  /** Where it came from and what is in doubt; sealed. */
  about: { [name: string]: JsonValue };
  /** The input itself, sealed; nothing where the record is in the chart already. */
  content: Uint8Array;
}

/** What is listed of an item. */
export interface WorklistEntry extends Omit<Required<NewWorklistItem>, "content"> {
  /** From 1; never used again. */
  id: number;
  /** Of the content, in bytes. */
  size: number;
}

/** An item as it is kept. */
export interface WorklistItem extends WorklistEntry {
  content: Uint8Array;
}

interface Row {
  id: number;
  name: Uint8Array;
  code: string;
  at: number;
  size: number;
  sealed_about: Uint8Array;
}

const COLUMNS = "id, name, code, at, size, sealed_about";

/** Inputs that were refused in doubt: kept, sealed, until a person says what they are. What leaves the list is erased. */
export class Worklist {
  readonly #database: Database;
  readonly #sealer: Sealer;
  readonly #erasable: Erasable;

  constructor(database: Database, sealer: Sealer, erasable: Erasable) {
    this.#database = database;
    this.#sealer = sealer;
    this.#erasable = erasable;
  }

  /**
   * Keeps an item. The same one again changes nothing.
   *
   * @returns its id
   * @throws `WORKLIST_FULL` when it, or all of them with it, would be larger than the list takes; `VAULT_INPUT_INVALID`
   *
   * @example
   * const id = vault.worklist.put({ key, code: "NO_PATIENT", about: { file: "export.json", places: [] }, content });
   */
  put(item: NewWorklistItem): number {
    requireName(item.key, "key");
    requireName(item.code, "code");
    return this.#database.transaction(() => {
      const name = this.#sealer.tag(PLACE, item.key);
      const known = this.#database.get<{ id: number }>("SELECT id FROM worklist WHERE name = ?", name);
      if (known !== undefined) return known.id;
      this.#requireRoom(item.content.length);
      return this.#insert(name, item, null);
    });
  }

  /** Puts an item back under its id, when a backup is restored. */
  restore(item: WorklistItem): void {
    this.#database.transaction(() => this.#insert(this.#sealer.tag(PLACE, item.key), item, item.id));
  }

  /** The item of that id. */
  get(id: number): WorklistItem | undefined {
    requireInteger(id, "id");
    const row = this.#database.get<Row & { sealed: Uint8Array }>(
      `SELECT ${COLUMNS}, sealed FROM worklist WHERE id = ?`,
      id,
    );
    return row && { ...this.#entry(row), content: this.#erasable.open(PLACE, row.name, row.sealed) };
  }

  /** What waits, oldest first, without the content. */
  list(): WorklistEntry[] {
    return this.#database.all<Row>(`SELECT ${COLUMNS} FROM worklist ORDER BY id`).map((row) => this.#entry(row));
  }

  /** Takes an item off the list: no byte of it stays in the vault's files. Returns false when it wasn't there. */
  remove(id: number): boolean {
    requireInteger(id, "id");
    return this.#database.transaction(() => {
      const row = this.#database.get<{ name: Uint8Array }>("SELECT name FROM worklist WHERE id = ?", id);
      if (row === undefined) return false;
      this.#erasable.erase(row.name);
      this.#database.run("DELETE FROM worklist WHERE id = ?", id);
      this.#database.scrub();
      return true;
    });
  }

  #insert(name: Uint8Array, { key, code, at = now(), about, content }: NewWorklistItem, id: number | null): number {
    requireInteger(at, "at");
    const described = new TextEncoder().encode(JSON.stringify({ key, about }));
    return this.#database.get<{ id: number }>(
      "INSERT INTO worklist VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
      id,
      name,
      code,
      at,
      content.length,
      this.#erasable.seal(ABOUT_PLACE, name, described),
      this.#erasable.seal(PLACE, name, content),
    )!.id;
  }

  #requireRoom(size: number): void {
    const { kept } = this.#database.get<{ kept: number }>("SELECT coalesce(sum(size), 0) AS kept FROM worklist")!;
    if (size <= WORKLIST_INPUT_LIMIT && kept + size <= WORKLIST_LIMIT) return;
    throw new ChartChainError("WORKLIST_FULL", `an input of ${size} bytes has no room on the worklist`, {
      details: { size, kept, inputLimit: WORKLIST_INPUT_LIMIT, limit: WORKLIST_LIMIT },
      hint: "Keep the file, resolve or discard what waits, and add the file again; divide one that is larger.",
    });
  }

  #entry({ id, name, code, at, size, sealed_about: sealed }: Row): WorklistEntry {
    const described = new TextDecoder().decode(this.#erasable.open(ABOUT_PLACE, name, sealed));
    return { id, code, at, size, ...(JSON.parse(described) as Pick<WorklistEntry, "key" | "about">) };
  }
}

const now = (): number => Math.floor(Date.now() / 1000);
