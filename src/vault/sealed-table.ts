import { ChartChainError } from "../errors/index.js";
import type { Database } from "../sqlite/index.js";
import { fromHex, toHex } from "./bytes.js";
import { invalidInput, requireHex, requireInteger, requireParticipant } from "./input.js";
import type { Sealer } from "./sealer.js";
import { corruptVault } from "./vault-errors.js";

/** What a column of a key can be, as callers give it. Digests and accounts are `0x` and 32 or 20 bytes in hexadecimal. */
export interface KeyKinds {
  participant: number;
  number: number;
  digest: string;
  account: string;
}

/** The columns of a key, in their order. */
export type KeyColumns = Readonly<Record<string, keyof KeyKinds>>;

/** A key: a value for each column. */
export type KeyOf<Columns extends KeyColumns> = { [Name in keyof Columns]: KeyKinds[Columns[Name]] };

/** What a sealed table holds. */
export interface TableShape<Columns extends KeyColumns, Value> {
  /** What it is called in the file. */
  table: string;
  columns: Columns;
  /** Throws for what isn't such a value. It may get anything: a row could be of another shape. */
  check: (value: Value) => void;
}

const BYTES = { digest: 32, account: 20 };

/** The statement that creates a sealed table. */
export function sealedTableSql({ table, columns }: TableShape<KeyColumns, never>): string {
  const types = { participant: "INTEGER", number: "INTEGER", digest: "BLOB", account: "BLOB" };
  const named = Object.entries(columns).map(([name, kind]) => `${snake(name)} ${types[kind]} NOT NULL`);
  const key = Object.keys(columns).map(snake).join(", ");
  return `CREATE TABLE ${table} (${named.join(", ")}, sealed BLOB NOT NULL, PRIMARY KEY (${key})) STRICT, WITHOUT ROWID;`;
}

/**
 * One kind of value by its key. The key is in the clear, of numbers and digests that the chain shows too; the value is sealed
 * for its row, and looked over whenever it is written or read.
 */
export class SealedTable<Columns extends KeyColumns, Value> {
  readonly #database: Database;
  readonly #sealer: Sealer;
  readonly #shape: TableShape<Columns, Value>;
  readonly #names: string[];

  constructor(database: Database, sealer: Sealer, shape: TableShape<Columns, Value>) {
    this.#database = database;
    this.#sealer = sealer;
    this.#shape = shape;
    this.#names = Object.keys(shape.columns).map(snake);
  }

  /**
   * The value of that key, or `undefined`.
   *
   * @throws `VAULT_CORRUPT` for a row that doesn't open, or isn't of this table's shape; `VAULT_INPUT_INVALID`
   */
  get(key: KeyOf<Columns>): Value | undefined {
    const parts = this.#parts(key);
    const row = this.#database.get<{ sealed: Uint8Array }>(
      `SELECT sealed FROM ${this.#shape.table} WHERE ${this.#names.map((name) => `${name} = ?`).join(" AND ")}`,
      ...parts.map(toSql),
    );
    return row && this.#open(parts, row.sealed);
  }

  /** Keeps a value in the place of an earlier one. Throws `VAULT_INPUT_INVALID`. */
  set(key: KeyOf<Columns>, value: Value): void {
    const parts = this.#parts(key);
    this.#shape.check(value);
    const { table } = this.#shape;
    const sealed = this.#sealer.seal(table, nameOf(parts), new TextEncoder().encode(JSON.stringify(value)));
    this.#database.run(
      `INSERT INTO ${table} VALUES (${this.#names.map(() => "?").join(", ")}, ?)
       ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
      ...parts.map(toSql),
      sealed,
    );
  }

  /** Forgets a value. Returns false when there was none. */
  delete(key: KeyOf<Columns>): boolean {
    const where = this.#names.map((name) => `${name} = ?`).join(" AND ");
    return this.#database.run(`DELETE FROM ${this.#shape.table} WHERE ${where}`, ...this.#parts(key).map(toSql)) > 0;
  }

  /** All rows, by key. Throws `VAULT_CORRUPT`. */
  list(): { key: KeyOf<Columns>; value: Value }[] {
    const rows = this.#database.all<Record<string, number | Uint8Array>>(
      `SELECT * FROM ${this.#shape.table} ORDER BY ${this.#names.join(", ")}`,
    );
    return rows.map((row) => {
      const parts = this.#names.map((name) => fromSql(row[name]!));
      const key = Object.fromEntries(Object.keys(this.#shape.columns).map((name, i) => [name, parts[i]]));
      return { key: key as KeyOf<Columns>, value: this.#open(parts, row["sealed"] as Uint8Array) };
    });
  }

  #open(parts: readonly Part[], sealed: Uint8Array): Value {
    const { table, check } = this.#shape;
    const opened = this.#sealer.open(table, nameOf(parts), sealed);
    try {
      const value = JSON.parse(new TextDecoder().decode(opened)) as Value;
      check(value);
      return value;
    } catch (cause) {
      const why = cause instanceof ChartChainError ? `: ${cause.message}` : "";
      throw corruptVault(this.#database.file, `an entry of ${table} isn't what belongs there${why}`, cause);
    }
  }

  #parts(key: KeyOf<Columns>): Part[] {
    return Object.entries(this.#shape.columns).map(([name, kind]) => {
      const part = key[name];
      if (kind === "digest" || kind === "account") return requireHex(part, name, BYTES[kind]);
      if (kind === "participant") requireParticipant(part, name);
      else requireInteger(part, name);
      return part;
    });
  }
}

type Part = number | string;

const nameOf = (parts: readonly Part[]): string => parts.join("/");

const toSql = (part: Part): number | Uint8Array => (typeof part === "string" ? fromHex(part) : part);

const fromSql = (value: number | Uint8Array): Part => (typeof value === "number" ? value : toHex(value));

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Refuses what is not an object, or is a list. */
export function requireObject(value: unknown, name: string): asserts value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidInput(name, "an object");
}
