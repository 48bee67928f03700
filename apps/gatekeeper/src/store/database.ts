import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import { Migrator } from "kysely/migration";
import { Database as SqliteDatabase, RESULT, SqliteError } from "chartchain/sqlite";
import { openFile } from "chartchain/sqlite/node";
import { migrations } from "./migrations.js";
import { Refused } from "./refused.js";
import type { Tables } from "./tables.js";

/** Where a store lies: a folder of its own, which one process opens, or a database of PostgreSQL. */
export type Place = { folder: string } | { url: string };

export type Database = Kysely<Tables>;

/**
 * Opens the database and brings its tables to this program's version.
 *
 * @param place `folder` may be `memory://`: then nothing is kept
 */
export async function openDatabase(place: Place): Promise<Database> {
  const database = new Kysely<Tables>({ dialect: await dialectOf(place) });
  try {
    const { error } = await new Migrator({ db: database, provider: migrations }).migrateToLatest();
    if (error !== undefined)
      throw new Error("the store's tables could not be brought to this version", { cause: error });
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return database;
}

/** Classes of what PostgreSQL says when it isn't the question's fault: no connection, no room, a stop by its operator, the system. */
const AWAY = /^(08|53|57P|58)[0-9A-Z]+$/;
/** What the system says of a connection that can't be made, or broke. */
const BROKEN = ["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENOTFOUND", "EPIPE", "ETIMEDOUT"];

/**
 * Whether an error says that the database can't answer now: it is gone, is stopped, or has no room.
 *
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === "string") return (code.length === 5 && AWAY.test(code)) || BROKEN.includes(code);
  // A connection that ends while it is asked has no code.
  return /^Connection terminated/.test(error.message);
}

/** Each is loaded where it is used: PGlite is 27 MB. */
async function dialectOf(place: Place): Promise<PGliteDialect | PostgresDialect> {
  if ("url" in place) {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: place.url, max: 8 });
    // A connection that breaks while nobody uses it is replaced; who asks next learns if the server is gone.
    pool.on("error", () => undefined);
    return new PostgresDialect({ pool });
  }
  const { PGlite } = await import("@electric-sql/pglite");
  if (place.folder.includes("://")) return new PGliteDialect({ pglite: await PGlite.create(place.folder) });
  mkdirSync(dirname(place.folder), { recursive: true });
  const lock = lockOf(place.folder);
  try {
    const pglite = await PGlite.create(place.folder);
    const close = pglite.close.bind(pglite);
    pglite.close = () => close().finally(() => lock.close());
    return new PGliteDialect({ pglite });
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** PGlite doesn't notice a second process on its folder, and both would spoil it. The lock beside it dies with its process. */
function lockOf(folder: string): SqliteDatabase {
  return SqliteDatabase.open(`${folder}.lock`, openFile, (error) =>
    error instanceof SqliteError && error.code === RESULT.BUSY
      ? new Refused("conflict", folder, `Another process has the store in ${folder} open.`)
      : error,
  );
}
