import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ChartChainError } from "chartchain/errors";
import { Database, RESULT, SqliteError } from "chartchain/sqlite";
import { openFile } from "chartchain/sqlite/node";

import { EDITIONS } from "./tables.js";

/**
 * Opens what has to survive a loss of power: sign-ins and entries. Each commit is on the disk when it returns. One process has
 * it at a time.
 *
 * @throws JOURNAL_IN_USE, JOURNAL_UNUSABLE, JOURNAL_FULL
 */
export function openJournal(folder: string): Database {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "journal.sqlite");
  const database = Database.open(file, openFile, asJournalError);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const edition = database.get<{ user_version: number }>("PRAGMA user_version")!.user_version;
    if (edition > EDITIONS.length)
      throw unusable(file, `it is of edition ${edition}, this program's is ${EDITIONS.length}`);
    database.transaction(() => {
      for (const tables of EDITIONS.slice(edition)) database.exec(tables);
      database.exec(`PRAGMA user_version = ${EDITIONS.length}`);
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function asJournalError(error: unknown, file: string): unknown {
  if (!(error instanceof SqliteError)) return error;
  const { code, cause } = error;
  switch (code) {
    case RESULT.BUSY:
    case RESULT.LOCKED:
      return new ChartChainError("JOURNAL_IN_USE", `another gatekeeper has the journal open: ${file}`, {
        details: { file },
        hint: "Stop the other one, or give this one a data folder of its own.",
        cause,
      });
    case RESULT.FULL:
      return new ChartChainError("JOURNAL_FULL", `there is no room left to write to the journal: ${file}`, {
        details: { file },
        hint: "Free disk space. Until then nothing is served: what isn't entered doesn't go out.",
        cause,
      });
    case RESULT.CORRUPT:
    case RESULT.NOTADB:
    case RESULT.PERM:
    case RESULT.READONLY:
    case RESULT.IOERR:
    case RESULT.CANTOPEN:
      return unusable(file, "it is damaged, or can't be read and written", cause);
    default:
      return cause;
  }
}

const unusable = (file: string, why: string, cause?: unknown) =>
  new ChartChainError("JOURNAL_UNUSABLE", `the journal can't be used: ${why}: ${file}`, {
    details: { file, why },
    hint: "Check the folder's owner and disk, or restore the newest backup of the data folder.",
    cause,
  });
