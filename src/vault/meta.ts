import type { Database } from "../sqlite/index.js";

/** Single values of a vault, in the clear. */
export type MetaName = "chain_id" | "genesis_hash" | "participant" | "key_version" | "envelope_sequence";

/** The value of that name, or `undefined`. */
export function readMeta<T extends string | number>(database: Database, name: MetaName): T | undefined {
  return database.get<{ value: T }>("SELECT value FROM meta WHERE name = ?", name)?.value;
}

/** Stores the value of that name. */
export function writeMeta(database: Database, name: MetaName, value: string | number): void {
  database.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value);
}
