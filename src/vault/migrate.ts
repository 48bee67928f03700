import type { Database } from "../sqlite/index.js";
import { isChartChainError } from "../errors/index.js";
import { type AccessTables, accessTablesSql, formerSetting } from "./access.js";
import { SCHEMA_VERSION } from "./schema.js";
import type { JsonValue } from "./settings.js";
import { corruptVault } from "./vault-errors.js";
import type { Tables } from "./tables.js";

/**
 * Brings a vault of an older version to this one's tables. All of it is done, or nothing: where a setting that belongs into a
 * table doesn't open, or isn't what belongs there, the file stays as it was.
 *
 * @param version that of the vault's tables
 * @throws `VAULT_CORRUPT`
 */
export function migrate(database: Database, vault: Tables, version: number): void {
  if (version === SCHEMA_VERSION) return;
  database.transaction(() => {
    database.exec(accessTablesSql());
    for (const name of vault.settings.names()) {
      if (formerSetting(vault.access, name) === undefined) continue;
      takeFormerSetting(database.file, vault.access, name, vault.settings.get(name)!);
      vault.settings.delete(name);
    }
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

/**
 * Puts a setting of the first version into the table where it belongs now.
 *
 * @returns false for what is a setting still
 * @throws `VAULT_CORRUPT` when it isn't what belongs there
 */
export function takeFormerSetting(file: string, access: AccessTables, name: string, value: JsonValue): boolean {
  const place = formerSetting(access, name);
  if (place === undefined) return false;
  try {
    place.table.set(place.key, value);
    return true;
  } catch (cause) {
    if (!isChartChainError(cause, "VAULT_INPUT_INVALID")) throw cause;
    throw corruptVault(file, `the entry ${name} isn't what belongs there: ${cause.message}`, cause);
  }
}
