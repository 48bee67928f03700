import { wipe } from "../crypto/index.js";
import { isChartChainError } from "../errors/index.js";
import { Database } from "../sqlite/index.js";
import type { VaultPlace } from "./open-vault.js";
import { configure, schemaVersion } from "./schema.js";
import { asVaultError, corruptVault } from "./vault-errors.js";
import { lockVaultKey, unlockVaultKey, writeLock } from "./vault-lock.js";

/** Which passphrase takes the place of which. */
export interface ChangePassphraseOptions {
  current: string;
  next: string;
  /** Work to guess the new one, see `lockSecret`. Lower it in tests only. */
  cost?: number;
}

/** A change of passphrase that is ready to be made. Until it is disposed of, no other program opens the vault. */
export interface PassphraseChange extends Disposable {
  /** False when the vault opens with the new passphrase already. */
  readonly isNeeded: boolean;
  /** Makes it, at once, and erases what the former passphrase opened. Copies of the file made before still open with that. */
  make(): void;
}

/**
 * Makes ready to change a vault's passphrase, without a chain: where several things have the same one, each is made ready
 * first, and all are changed in one go. Run again after an interruption, it finds out by itself what is left.
 *
 * @throws `WRONG_PASSPHRASE` when neither opens the vault, `PASSPHRASE_EMPTY`; `VAULT_IN_USE`, `VAULT_CORRUPT`, `VAULT_VERSION`
 *
 * @example
 * using change = await preparePassphraseChangeAt(place, { current, next });
 * change.make();
 */
export async function preparePassphraseChangeAt(
  { file, connect }: VaultPlace,
  { current, next, cost }: ChangePassphraseOptions,
): Promise<PassphraseChange> {
  const database = Database.open(file, connect, asVaultError);
  try {
    if (schemaVersion(database) === undefined) throw corruptVault(file, "it is empty");
    configure(database);
    const locked = await relocked(database, current, next, cost);
    return {
      isNeeded: locked !== undefined,
      make() {
        if (locked === undefined) return;
        writeLock(database, locked);
        database.scrub();
      },
      [Symbol.dispose]: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The vault's key under the new passphrase; undefined where it is that already. */
async function relocked(database: Database, current: string, next: string, cost: number | undefined) {
  let vaultKey: Uint8Array;
  try {
    vaultKey = await unlockVaultKey(database, current);
  } catch (error) {
    if (!isChartChainError(error, "WRONG_PASSPHRASE")) throw error;
    const isChanged = await unlockVaultKey(database, next).then(
      (key) => (wipe(key), true),
      () => false,
    );
    if (isChanged) return undefined;
    throw error;
  }
  try {
    return await lockVaultKey(vaultKey, next, cost);
  } finally {
    wipe(vaultKey);
  }
}
