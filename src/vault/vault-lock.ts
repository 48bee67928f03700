import { type LockOptions, lockSecret, unlockSecret } from "../crypto/index.js";
import { isChartChainError } from "../errors/index.js";
import type { Database } from "../sqlite/index.js";
import { corruptVault } from "./vault-errors.js";

/** A passphrase, or how to ask for it. It is asked for only once it is needed. */
export type PassphraseSource = string | (() => Promise<string>);

/** The passphrase itself. */
export async function readPassphrase(source: PassphraseSource): Promise<string> {
  return typeof source === "string" ? source : source();
}

/** The vault's key, locked under a passphrase, ready to store. */
export async function lockVaultKey(vaultKey: Uint8Array, passphrase: string, cost?: number): Promise<Uint8Array> {
  const options: LockOptions = cost === undefined ? {} : { cost };
  return lockSecret(vaultKey, passphrase, options);
}

/** Stores the locked key. It always has the same length, so that a former one is overwritten where it stands. */
export function writeLock(database: Database, locked: Uint8Array): void {
  database.run("INSERT INTO vault_lock VALUES (1, ?) ON CONFLICT DO UPDATE SET locked = excluded.locked", locked);
}

/**
 * The vault's key.
 *
 * @throws `WRONG_PASSPHRASE`, `PASSPHRASE_EMPTY`; `VAULT_CORRUPT` when the stored lock is none
 */
export async function unlockVaultKey(database: Database, passphrase: PassphraseSource): Promise<Uint8Array> {
  const row = database.get<{ locked: Uint8Array }>("SELECT locked FROM vault_lock");
  if (row === undefined) throw corruptVault(database.file, "its lock is missing");
  try {
    return await unlockSecret(row.locked, await readPassphrase(passphrase));
  } catch (cause) {
    if (!isChartChainError(cause, "LOCKED_SECRET_MALFORMED")) throw cause;
    throw corruptVault(database.file, "its lock is damaged", cause);
  }
}
