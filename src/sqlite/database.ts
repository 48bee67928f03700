import { ChartChainError } from "../errors/index.js";
import type { Connection, SqlValue, Statement } from "./connection.js";

/** What the engine threw, in the words of whoever owns the database; whatever else is given comes back as it is. */
export type AsError = (error: unknown, file: string) => unknown;

/**
 * The one connection to a database's file: every statement goes through it, so that errors are named in one place.
 *
 * The lock on the file is taken before anything is read, is held until {@link Database.close}, and dies with the process.
 * Under Node it is a POSIX record lock: a program that opens and closes the same file by other means, in the same process,
 * drops it.
 */
export class Database {
  readonly file: string;
  readonly #connection: Connection;
  readonly #asError: AsError;
  readonly #statements = new Map<string, Statement>();
  readonly #rollbackListeners: (() => void)[] = [];
  #depth = 0;
  #scrubAfterCommit = false;

  private constructor(file: string, connection: Connection, asError: AsError) {
    this.file = file;
    this.#connection = connection;
    this.#asError = asError;
  }

  /**
   * Opens the file and locks it for this connection alone.
   *
   * @param file what messages call it
   * @param connect opens it: `openFile` of `sqlite/node`
   * @throws what `asError` makes of BUSY, at once, when any other connection has it
   */
  static open(file: string, connect: (file: string) => Connection, asError: AsError): Database {
    let connection: Connection | undefined;
    try {
      connection = connect(file);
      connection.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
      return new Database(file, connection, asError);
    } catch (error) {
      connection?.close();
      throw asError(error, file);
    }
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#guard(() => this.#connection.exec(sql));
  }

  /** Runs one statement and returns how many rows it changed. */
  run(sql: string, ...parameters: SqlValue[]): number {
    return this.#guard(() => this.#prepare(sql).run(...parameters));
  }

  /** The first row, or `undefined`. */
  get<Row>(sql: string, ...parameters: SqlValue[]): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(...parameters) as Row | undefined);
  }

  /** All rows. */
  all<Row>(sql: string, ...parameters: SqlValue[]): Row[] {
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
    if (this.#connection.isOpen) this.#connection.close();
  }

  #rollBack(statements: string): void {
    // The engine rolls back by itself after some errors, a full disk among them.
    if (this.#connection.isOpen && this.#connection.isTransaction) this.exec(statements);
    for (const listener of this.#rollbackListeners) listener();
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    if (this.#depth > 0 && this.#connection.isOpen && !this.#connection.isTransaction) throw lostTransaction(this.file);
    try {
      return work();
    } catch (error) {
      throw this.#asError(error, this.file);
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
