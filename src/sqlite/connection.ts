/** What a column holds. Whole numbers come back as `number`: none of ours is longer than its 53 bits. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** One statement, made ready for being run again and again. */
export interface Statement {
  /** Runs it and returns how many rows it changed. */
  run: (...parameters: SqlValue[]) => number;
  /** The first row, or `undefined`. */
  get: (...parameters: SqlValue[]) => unknown;
  all: (...parameters: SqlValue[]) => unknown[];
}

/**
 * An engine's open database: what {@link Database} stands on. Whatever an engine throws, it throws as {@link SqliteError}.
 *
 * Everything answers at once, so that a transaction is one function that nothing else runs in between.
 */
export interface Connection {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  /** Runs statements without parameters. */
  exec: (sql: string) => void;
  prepare: (sql: string) => Statement;
  close: () => void;
}

/** Primary result codes of SQLite, https://www.sqlite.org/rescode.html; extended ones carry them in the low byte. */
export const RESULT = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  MISUSE: 21,
  NOTADB: 26,
} as const;

/** What the engine refused. The owner of the database says it in its own words: see {@link Database}. */
export class SqliteError extends Error {
  override readonly name = "SqliteError";
  /** One of {@link RESULT}, or another primary code. A database that was closed is MISUSE. */
  readonly code: number;

  constructor(resultCode: number, cause: Error) {
    super(cause.message, { cause });
    this.code = resultCode & 0xff;
  }
}
