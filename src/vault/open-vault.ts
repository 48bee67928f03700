import { randomBytes, wipe } from "../crypto/index.js";
import { ChartChainError } from "../errors/index.js";
import { type Connection, Database } from "../sqlite/index.js";
import { openBackup } from "./backup.js";
import { type VaultChain, normalizeChain, readChain, requireSameChain, writeChain } from "./chain.js";
import { FIRST_KEY_VERSION } from "./identity.js";
import { migrate } from "./migrate.js";
import { restoreContent } from "./restore.js";
import { configure, createSchema, schemaVersion } from "./schema.js";
import { asVaultError, corruptVault } from "./vault-errors.js";
import { type PassphraseSource, lockVaultKey, readPassphrase, unlockVaultKey, writeLock } from "./vault-lock.js";
import { Vault } from "./vault.js";

/** Where a vault's one file is, on whatever platform. */
export interface VaultPlace {
  /** What messages call it. */
  readonly file: string;
  exists: () => boolean;
  /** Opens it, and makes it first where it is missing, for its owner alone. */
  connect: () => Connection;
}

/** How to open a vault. */
export interface UnlockOptions {
  /** What the program is connected to. */
  chain: VaultChain;
  /** Opens the vault; asked for only after everything else was found right. */
  passphrase: PassphraseSource;
  /** True to create the vault when there is none, with a fresh identity. False by default. */
  create?: boolean;
  /** Work to guess a passphrase, see `lockSecret`. Lower it in tests only. */
  cost?: number;
}

/** A backup to make a vault of. */
export interface RestoreOptions extends Omit<UnlockOptions, "create"> {
  backup: Uint8Array;
  /** The backup's passphrase, when it is not the same. */
  backupPassphrase?: PassphraseSource;
}

/**
 * Opens the vault of one participant on one chain, for this program alone, until it is closed. One that an older version wrote
 * is brought to this version's tables, once; that version refuses it from then on.
 *
 * @throws `VAULT_NOT_FOUND` when there is none and `create` is not set
 * @throws `VAULT_IN_USE` at once when another program, or this one, has it open
 * @throws `VAULT_OTHER_CHAIN` when it belongs to another chain id, genesis block or other contracts
 * @throws `WRONG_PASSPHRASE`, `PASSPHRASE_EMPTY`
 * @throws `VAULT_CORRUPT`, `VAULT_VERSION`, `VAULT_UNWRITABLE`, `VAULT_FULL`, `VAULT_INPUT_INVALID`
 */
export async function openVaultAt(place: VaultPlace, options: UnlockOptions): Promise<Vault> {
  const { passphrase, create = false, cost } = options;
  const { file } = place;
  const chain = normalizeChain(options.chain);
  if (!create && !place.exists()) throw notFound(file);
  return withDatabase(place, async (database, version) => {
    if (version === undefined) {
      if (!create) throw notFound(file);
      return createVault(database, chain, passphrase, cost, (vault) => vault.identity.addKeyVersion(FIRST_KEY_VERSION));
    }
    const { quick_check: state } = database.get<{ quick_check: string }>("PRAGMA quick_check(1)")!;
    if (state !== "ok") throw corruptVault(file, "its pages are damaged");
    requireSameChain(readChain(database), chain, `the vault ${file}`);
    configure(database);
    // A shredding that a crash cut short between its commit and this is completed now.
    database.scrub();
    const vaultKey = await unlockVaultKey(database, passphrase);
    const vault = new Vault(database, vaultKey, cost);
    try {
      migrate(database, vault, version);
      database.transaction(() => writeChain(database, chain));
      return vault;
    } catch (error) {
      vault.close();
      throw error;
    }
  });
}

/**
 * Makes a new vault of a backup, and opens it.
 *
 * What was shredded after the backup was made comes back with it: shred it again.
 *
 * @throws `VAULT_EXISTS` when there is a vault already
 * @throws `WRONG_PASSPHRASE`, `BACKUP_MALFORMED`; `VAULT_OTHER_CHAIN` when the backup belongs to another chain
 * @throws what {@link openVaultAt} throws about the file
 */
export async function restoreVaultAt(place: VaultPlace, options: RestoreOptions): Promise<Vault> {
  const { passphrase, backup, backupPassphrase = passphrase, cost } = options;
  const chain = normalizeChain(options.chain);
  return withDatabase(place, async (database, version) => {
    if (version !== undefined) {
      throw new ChartChainError("VAULT_EXISTS", `there is a vault already: ${database.file}`, {
        details: { file: database.file },
        hint: "Restore into an empty folder, or move the vault that is there away first.",
      });
    }
    const opens = await readPassphrase(backupPassphrase);
    const content = await openBackup(backup, opens);
    const { chainId, genesisHash, contracts } = content.chain;
    requireSameChain({ chainId: BigInt(chainId), genesisHash, contracts }, chain, "the backup");
    // Nobody is asked for the same passphrase twice.
    const locks = passphrase === backupPassphrase ? opens : passphrase;
    return createVault(database, chain, locks, cost, (vault) => restoreContent(vault, content, database.file));
  });
}

/** Opens and locks the file; the lock is released when `open` fails. A file without tables counts as none. */
async function withDatabase(
  { file, connect }: VaultPlace,
  open: (database: Database, version: number | undefined) => Promise<Vault>,
): Promise<Vault> {
  const database = Database.open(file, connect, asVaultError);
  try {
    return await open(database, schemaVersion(database));
  } catch (error) {
    database.close();
    throw error;
  }
}

async function createVault(
  database: Database,
  chain: VaultChain,
  passphrase: PassphraseSource,
  cost: number | undefined,
  fill: (vault: Vault) => void,
): Promise<Vault> {
  configure(database);
  const vaultKey = randomBytes(32);
  try {
    const locked = await lockVaultKey(vaultKey, await readPassphrase(passphrase), cost);
    return database.transaction(() => {
      createSchema(database);
      writeChain(database, chain);
      writeLock(database, locked);
      const vault = new Vault(database, vaultKey, cost);
      fill(vault);
      return vault;
    });
  } catch (error) {
    wipe(vaultKey);
    throw error;
  }
}

function notFound(file: string): ChartChainError {
  return new ChartChainError("VAULT_NOT_FOUND", `there is no vault: ${file}`, {
    details: { file },
    hint: "Check the home folder and the chain id, or create the vault with create: true.",
  });
}
