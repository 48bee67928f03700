import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import { join } from "node:path";

import { openFile } from "../../sqlite/node/index.js";
import {
  type ChangePassphraseOptions,
  type PassphraseChange,
  type RestoreOptions,
  type UnlockOptions,
  type Vault,
  type VaultPlace,
  openVaultAt,
  preparePassphraseChangeAt,
  restoreVaultAt,
  unwritableVault,
} from "../index.js";
import { ensurePrivateDirectory } from "./private-directory.js";

const FILE_NAME = "vault.sqlite";
const OTHERS = 0o077;

/** Where a vault's files are. */
interface InDirectory {
  /** A folder of its own that nobody else may read, such as from `vaultDirectory`. */
  directory: string;
}

/** Which vault to open. */
export interface OpenVaultOptions extends UnlockOptions, InDirectory {}

/** A backup to make a vault of. */
export interface RestoreVaultOptions extends RestoreOptions, InDirectory {}

/**
 * Opens the vault of one participant on one chain, in a folder, for this process alone, until it is closed.
 *
 * @throws `HOME_NOT_PRIVATE`, `HOME_UNUSABLE` about the folder; what {@link openVaultAt} throws
 *
 * @example
 * using vault = await openVault({
 *   directory: vaultDirectory(resolveHome(), 31337n),
 *   chain: { chainId: 31337n, genesisHash, contracts: { Registrar: "0x5FbDB2315678afecb367f032d93F642f64180aa3" } },
 *   passphrase: askPassphrase,
 *   create: true,
 * });
 */
export const openVault = ({ directory, ...options }: OpenVaultOptions): Promise<Vault> =>
  openVaultAt(placeIn(directory), options);

/**
 * Makes a new vault of a backup, in a folder, and opens it.
 *
 * @throws `HOME_NOT_PRIVATE`, `HOME_UNUSABLE` about the folder; what {@link restoreVaultAt} throws
 *
 * @example
 * using vault = await restoreVault({ directory, chain, passphrase, backup: await readFile("vault.backup") });
 */
export const restoreVault = ({ directory, ...options }: RestoreVaultOptions): Promise<Vault> =>
  restoreVaultAt(placeIn(directory), options);

/**
 * Makes ready to change the passphrase of a vault in a folder.
 *
 * @throws `HOME_NOT_PRIVATE`, `HOME_UNUSABLE` about the folder; what {@link preparePassphraseChangeAt} throws
 *
 * @example
 * using change = await preparePassphraseChange({ directory, current, next });
 * change.make();
 */
export const preparePassphraseChange = ({
  directory,
  ...options
}: ChangePassphraseOptions & InDirectory): Promise<PassphraseChange> =>
  preparePassphraseChangeAt(placeIn(directory), options);

function placeIn(directory: string): VaultPlace {
  const file = join(directory, FILE_NAME);
  return {
    file,
    exists: () => existsSync(file),
    connect() {
      ensurePrivateDirectory(directory);
      ensureFile(file);
      return openFile(file);
    },
  };
}

/** Creates the file for its owner alone, before the engine would with wider rights; or narrows those of a copied one. */
function ensureFile(file: string): void {
  try {
    if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
    else if (process.platform !== "win32" && (statSync(file).mode & OTHERS) !== 0) chmodSync(file, 0o600);
  } catch (cause) {
    throw unwritableVault(file, cause);
  }
}
