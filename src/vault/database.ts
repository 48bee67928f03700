import type * as Sqlite from "node:sqlite";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { ChartChainError, nodeTooOld } from "../errors/index.js";
import { asVaultError } from "./sqlite-errors.js";

/** Asked for when it is needed: a Node without it can still load what doesn't open a vault, and say what is missing. */
function sqlite(): typeof Sqlite {
  const found = process.getBuiltinModule("node:sqlite") as typeof Sqlite | undefined;
  if (found === undefined) throw nodeTooOld("a vault", "22.13");
  return found;
}

/**
 * The one connection to a vault's file: every statement of this room goes through it, so that errors are named in one
 * place.
 *
 * The operating system's lock on the file is taken before anything is read, is held until {@link Database.close}, and
 * dies with the process. It is a POSIX record lock: a program that opens and closes the same file by other means, in the
 * same process, drops it. Nothing in this room does.
 */
export class Database {
  readonly file: string;
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #rollbackListeners: (() => void)[] = [];
  #depth = 0;
  #scrubAfterCommit = false;

  private constructor(file: string, sqlite: DatabaseSync) {
    this.file = file;
    this.#sqlite = sqlite;
  }

  /**
   * Opens the file and locks it.
   *
   * @throws `VAULT_IN_USE` at once when any other connection has it; `VAULT_CORRUPT`, `VAULT_UNWRITABLE`
   */
  static open(file: string): Database {
    let database: Database | undefined;
    try {
      database = new Database(file, new (sqlite().DatabaseSync)(file, { timeout: 0 }));
      database.#sqlite.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
      return database;
    } catch (error) {
      database?.close();
      throw asVaultError(error, file);
    }
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#guard(() => this.#sqlite.exec(sql));
  }

  /** Runs one statement and returns how many rows it changed. */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...parameters).changes));
  }

  /** The first row, or `undefined`. */
  get<Row>(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(...parameters) as Row | undefined);
  }

  /** All rows. */
  all<Row>(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#guard(() => this.#prepare(sql).all(...parameters) as Row[]);
  }

  /**
   * Runs `work` so that all of it is stored, durably, or nothing. One inside another joins it, and can fail alone.
   *
   * @throws `VAULT_TRANSACTION_ASYNC` when `work` returns a promise, and whatever `work` throws
   */
  transaction<T>(work: () => T): T {
    const outermost = this.#depth === 0;
    const savepoint = `level_${this.#depth}`;
    this.run(outermost ? "BEGIN IMMEDIATE" : `SAVEPOINT ${savepoint}`);
    this.#depth++;
    let result: T;
    try {
      result = work();
      if (result instanceof Promise) throw asynchronousTransaction();
      this.run(outermost ? "COMMIT" : `RELEASE ${savepoint}`);
    } catch (error) {
      this.#rollBack(outermost ? "ROLLBACK" : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      if (outermost) this.#scrubAfterCommit = false;
      throw error;
    } finally {
      this.#depth--;
    }
    if (outermost && this.#scrubAfterCommit) this.scrub();
    return result;
  }

  /** Calls `listener` whenever a transaction was rolled back, so that what is kept in memory can be dropped. */
  onRollback(listener: () => void): void {
    this.#rollbackListeners.push(listener);
  }

  /**
   * Makes what was overwritten or deleted vanish from the files: moves the write-ahead log into the database, whose old
   * bytes it replaces, and cuts the log to nothing. Inside a transaction this happens right after its commit.
   */
  scrub(): void {
    this.#scrubAfterCommit = this.#depth > 0;
    if (this.#depth === 0) this.get("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** Releases file and lock. Closing twice is harmless. */
  close(): void {
    this.#statements.clear();
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #rollBack(statements: string): void {
    // The engine rolls back by itself after some errors, a full disk among them.
    if (this.#sqlite.isOpen && this.#sqlite.isTransaction) this.exec(statements);
    for (const listener of this.#rollbackListeners) listener();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    if (this.#depth > 0 && this.#sqlite.isOpen && !this.#sqlite.isTransaction) throw lostTransaction(this.file);
    try {
      return work();
    } catch (error) {
      throw asVaultError(error, this.file);
    }
  }
}

function asynchronousTransaction(): ChartChainError {
  return new ChartChainError("VAULT_TRANSACTION_ASYNC", "the function given to a transaction returned a promise", {
    hint: "Await everything before the transaction, and give it a function that only stores.",
  });
}

function lostTransaction(file: string): ChartChainError {
  return new ChartChainError("VAULT_TRANSACTION_LOST", "an earlier error ended this transaction", {
    details: { file },
    hint: "Let the error of the transaction pass, mend its cause, and run the whole transaction again.",
  });
}
