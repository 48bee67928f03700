import { ChartChainError } from "../../errors/index.js";
import { type HeldDatabase, hasOpfs, holdDatabase } from "../../sqlite/web/index.js";
import { type RestoreOptions, type UnlockOptions, type Vault, openVaultAt, restoreVaultAt } from "../index.js";
import type { VaultPlace } from "../open-vault.js";
import { invalidInput } from "../input.js";
import { asVaultError } from "../vault-errors.js";

/** The folder of all vaults of an origin. */
const ROOT = "chartchain";
/** What a folder's name may be in every browser, and never `.` or `..`. */
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Which of the vaults of an origin. */
interface Named {
  /** Lower-case letters, digits and hyphens, 64 at most: one for each participant and chain, such as `31337-alice`. */
  name: string;
}

/** Which vault to open. */
export interface OpenVaultOptions extends UnlockOptions, Named {}

/** A backup to make a vault of. */
export interface RestoreVaultOptions extends RestoreOptions, Named {}

/**
 * Opens the vault of one participant on one chain, in the browser's private file system of this origin, for this worker
 * alone, until it is closed.
 *
 * The browser may delete all of an origin's files where the page didn't get `navigator.storage.persist()`, and its user can:
 * keep a backup.
 *
 * @throws `VAULT_NEEDS_WORKER` outside a worker of a secure page, `VAULT_INPUT_INVALID` for a name; what {@link openVaultAt}
 *   throws
 *
 * @example
 * using vault = await openVault({ name: "31337-alice", chain, passphrase, create: true });
 */
export const openVault = ({ name, ...options }: OpenVaultOptions): Promise<Vault> =>
  inOpfs(name, options.create ?? false, (place) => openVaultAt(place, options));

/**
 * Makes a new vault of a backup, in the browser's private file system of this origin, and opens it.
 *
 * @throws `VAULT_NEEDS_WORKER` outside a worker of a secure page, `VAULT_INPUT_INVALID` for a name; what
 *   {@link restoreVaultAt} throws
 *
 * @example
 * using vault = await restoreVault({ name: "31337-alice", chain, passphrase, backup });
 */
export const restoreVault = ({ name, ...options }: RestoreVaultOptions): Promise<Vault> =>
  inOpfs(name, true, (place) => restoreVaultAt(place, options));

async function inOpfs(name: string, create: boolean, open: (place: VaultPlace) => Promise<Vault>): Promise<Vault> {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw invalidInput("name", "1 to 64 lower-case letters, digits and hyphens");
  }
  if (!hasOpfs()) throw needsWorker();
  const file = `${ROOT}/${name}`;
  let held: HeldDatabase | undefined;
  try {
    held = await holdDatabase([ROOT, name], { create });
    const place = { file, exists: () => held?.exists ?? false, connect: () => held!.connect() };
    return await open(place);
  } catch (error) {
    held?.release();
    throw asVaultError(error, file);
  }
}

function needsWorker(): ChartChainError {
  return new ChartChainError("VAULT_NEEDS_WORKER", "this is no place where a browser keeps files for a vault", {
    hint: "Open it in a dedicated worker of a page that came over https or from localhost, in a browser that has OPFS.",
  });
}
