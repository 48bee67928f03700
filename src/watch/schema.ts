import type { Database } from "../sqlite/index.js";
import { corruptIndex } from "./index-errors.js";

/** Version of the tables below. An index of another one is left alone. */
export const EDITION = 2;

/** "CCIX", so that no other program's database passes as an index. */
const APPLICATION_ID = 0x43434958;

// All of it is public on the chain. Which participants are followed says whose index this is.
const TABLES = `
CREATE TABLE source (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE kinds (id INTEGER PRIMARY KEY, address TEXT NOT NULL, topic TEXT NOT NULL, UNIQUE (address, topic)) STRICT;
CREATE TABLE followed (
  address TEXT NOT NULL, topic TEXT NOT NULL, through INTEGER NOT NULL, PRIMARY KEY (address, topic)
) STRICT, WITHOUT ROWID;
CREATE TABLE blocks (
  number INTEGER PRIMARY KEY, hash TEXT NOT NULL, time INTEGER NOT NULL, checkpoint INTEGER NOT NULL
) STRICT;
CREATE TABLE times (hash TEXT PRIMARY KEY, time INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE logs (
  block INTEGER NOT NULL, position INTEGER NOT NULL, kind INTEGER NOT NULL, first BLOB, second BLOB, third BLOB,
  data BLOB NOT NULL, transaction_hash BLOB NOT NULL, transaction_position INTEGER NOT NULL, block_hash BLOB NOT NULL,
  PRIMARY KEY (block, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE consumers (name TEXT PRIMARY KEY, block INTEGER NOT NULL, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE told (
  consumer TEXT NOT NULL, block INTEGER NOT NULL, position INTEGER NOT NULL, hash TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (consumer, hash, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE ends (consumer TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (consumer, id)) STRICT, WITHOUT ROWID;
CREATE INDEX logs_by_kind ON logs (kind);
CREATE INDEX logs_by_first ON logs (first, kind) WHERE first IS NOT NULL;
CREATE INDEX logs_by_second ON logs (second, kind) WHERE second IS NOT NULL;
CREATE INDEX logs_by_third ON logs (third, kind) WHERE third IS NOT NULL;
`;

/** Makes the tables in an empty database. */
export function createTables(database: Database): void {
  database.transaction(() => {
    database.exec(TABLES);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${EDITION}`);
  });
}

/** Throws INDEX_CORRUPT for another program's database. */
export function requireIndex(database: Database): void {
  const { application_id: id } = database.get<{ application_id: number }>("PRAGMA application_id")!;
  if (id !== APPLICATION_ID) throw corruptIndex(database.file);
}

/** Whether an index has the tables of this edition. */
export const isCurrent = (database: Database): boolean =>
  database.get<{ user_version: number }>("PRAGMA user_version")!.user_version === EDITION;

/** Whether nothing is in the database yet. */
export const isEmpty = (database: Database): boolean =>
  database.get("SELECT 1 FROM sqlite_schema LIMIT 1") === undefined;

/**
 * How the engine keeps it. What the last commits wrote may be lost with the machine's power: the chain still has it, and
 * the next sync fetches it again.
 */
export const configure = (database: Database): void =>
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000");
