import type { Database as EngineDatabase, PreparedStatement } from "@sqlite.org/sqlite-wasm";

import { type Connection, RESULT, SqliteError, type SqlValue, type Statement } from "../connection.js";
import type { Engine } from "./engine.js";
import { type DatabaseFiles, fileSystemOf, SUFFIXES } from "./files.js";

/**
 * Opens the database that lies in these files, which are its own until it is closed, and are closed with it.
 *
 * @throws what the engine refuses, as {@link SqliteError}
 */
export function openFiles(engine: Engine, files: DatabaseFiles): Connection {
  const system = fileSystemOf(engine);
  const path = system.mount(files);
  const release = (): void => {
    system.unmount(path);
    for (const suffix of SUFFIXES) files[suffix].close();
  };
  try {
    const database = named(engine, () => new engine.oo1.DB({ filename: path, flags: "c", vfs: system.name }));
    return connectionOf(engine, database, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** A connection over the engine's object for an open database. @param release is called once, after it was closed */
function connectionOf(engine: Engine, database: EngineDatabase, release: () => void): Connection {
  const { capi } = engine;
  const guarded = <T>(work: () => T): T => {
    if (!database.isOpen()) throw new SqliteError(RESULT.MISUSE, new Error("the database was closed"));
    return named(engine, work);
  };
  /** Leaves the statement as it was made ready, whatever happens. */
  const ran = <T>(statement: PreparedStatement, parameters: SqlValue[], work: () => T): T =>
    guarded(() => {
      parameters.forEach(requireValue);
      try {
        if (parameters.length > 0) statement.bind(parameters);
        return work();
      } finally {
        statement.reset(true);
      }
    });
  const statementOf = (statement: PreparedStatement): Statement => ({
    run: (...parameters) =>
      ran(statement, parameters, () => {
        while (statement.step());
        return database.changes();
      }),
    get: (...parameters) => ran(statement, parameters, () => (statement.step() ? rowOf(statement) : undefined)),
    all: (...parameters) =>
      ran(statement, parameters, () => {
        const rows: unknown[] = [];
        while (statement.step()) rows.push(rowOf(statement));
        return rows;
      }),
  });
  return {
    get isOpen() {
      return database.isOpen();
    },
    get isTransaction() {
      return database.isOpen() && capi.sqlite3_get_autocommit(database.pointer!) === 0;
    },
    exec: (sql) => guarded(() => void database.exec(sql)),
    prepare: (sql) => statementOf(guarded(() => database.prepare(sql))),
    close() {
      guarded(() => {
        try {
          // Its statements are finalized with it.
          database.close();
        } finally {
          release();
        }
      });
    },
  };
}

/** The engine would store `undefined` as NULL, and other bits of whole numbers that are too long. */
function requireValue(value: unknown): asserts value is SqlValue {
  const fits = value === null || ["number", "bigint", "string"].includes(typeof value) || value instanceof Uint8Array;
  if (!fits) throw new TypeError("a parameter must be a number, a text, bytes or null");
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RangeError("a parameter is a whole number that JavaScript can't tell from the next one");
  }
}

function rowOf(statement: PreparedStatement): unknown {
  const row = statement.get(Object.create(null) as Record<string, SqlValue>);
  if (Object.values(row).some((value) => typeof value === "bigint")) {
    throw new RangeError("a whole number of the database is too large for a JavaScript number");
  }
  return row;
}

function named<T>(engine: Engine, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof engine.SQLite3Error) throw new SqliteError(error.resultCode, error);
    throw error;
  }
}
