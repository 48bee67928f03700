import type * as NodeSqlite from "node:sqlite";

import { isNodeBefore, nodeTooOld, OLDEST_NODE } from "../../errors/index.js";
import { type Connection, RESULT, SqliteError, type SqlValue, type Statement } from "../connection.js";

/**
 * Opens a file with Node's own SQLite, and waits for nobody who has it locked.
 *
 * @throws `NODE_TOO_OLD`; what the engine refuses, as {@link SqliteError}
 */
export function openFile(file: string): Connection {
  // Asked for when it is needed: a Node without it can still load what opens no database, and say what is missing.
  const sqlite = process.getBuiltinModule("node:sqlite") as typeof NodeSqlite | undefined;
  // It is there before it can say whether it is in a transaction.
  if (sqlite === undefined || isNodeBefore(OLDEST_NODE)) throw nodeTooOld("a vault", OLDEST_NODE);
  const database = named(() => new sqlite.DatabaseSync(file, { timeout: 0 }));
  return {
    get isOpen() {
      return database.isOpen;
    },
    get isTransaction() {
      return database.isTransaction;
    },
    exec: (sql) => named(() => database.exec(sql)),
    prepare: (sql) =>
      statementOf(
        named(() => database.prepare(sql)),
        /\?\d/.test(sql) ? byNumber : inOrder,
      ),
    close: () => database.close(),
  };
}

function statementOf(statement: NodeSqlite.StatementSync, bind: Bind): Statement {
  return {
    run: (...parameters) => named(() => Number(statement.run(...bind(parameters)).changes)),
    get: (...parameters) => named(() => statement.get(...bind(parameters))),
    all: (...parameters) => named(() => statement.all(...bind(parameters))),
  };
}

type Bind = (parameters: SqlValue[]) => SqlValue[];

const inOrder: Bind = (parameters) => parameters;

/** Numbered parameters (`?1`) have these names: Node 22.18 doesn't take them in order. */
const byNumber: Bind = (parameters) => {
  const named = Object.fromEntries(parameters.map((value, i) => [`?${i + 1}`, value]));
  // Node takes an object in front of the values; the types of a spread can't say so.
  return [named as unknown as SqlValue];
};

function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    if (error.code === "ERR_INVALID_STATE") throw new SqliteError(RESULT.MISUSE, error);
    if (error.code !== "ERR_SQLITE_ERROR" || !("errcode" in error)) throw error;
    throw new SqliteError(error.errcode as number, error);
  }
}
