import { wipe } from "../crypto/index.js";
import type { Database } from "../sqlite/index.js";
import { createBackup } from "./backup.js";
import { Erasable } from "./erasable.js";
import { Sealer } from "./sealer.js";
import { type CompartmentShredReceipt, type ShredOptions, type ShredReceipt, Shredder } from "./shred.js";
import { Tables } from "./tables.js";
import { lockVaultKey, unlockVaultKey, writeLock } from "./vault-lock.js";

/**
 * The erasable store of one participant on one chain. `openVault` opens it; everything it confirms is on disk.
 *
 * Each table has a class of its own. Storing is synchronous; only what derives keys is not.
 */
export class Vault extends Tables {
  readonly #database: Database;
  readonly #sealer: Sealer;
  readonly #shredder: Shredder;
  readonly #cost: number | undefined;

  /** For `openVault` and `restoreVault`; the vault's key is wiped on {@link Vault.close}. */
  constructor(database: Database, vaultKey: Uint8Array, cost?: number) {
    const sealer = new Sealer(vaultKey, database.file);
    const erasable = new Erasable(database, sealer);
    super(database, sealer, erasable);
    this.#database = database;
    this.#sealer = sealer;
    this.#cost = cost;
    this.#shredder = new Shredder(database, erasable, this);
  }

  /**
   * Erases a record: envelope, metadata, content key, pin note and what it alone says of the person, whether they are there
   * or not, and refuses it for ever.
   * Its payload's blocks are the store's to unpin: `pins.toRelease` says which, until that is done.
   *
   * Shredding it again is harmless; the receipt then has the time of the first.
   *
   * @param digest manifest digest, 32 bytes
   * @returns a receipt, plain JSON data; when this returns, none of the erased bytes is in the vault's files
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * const receipt = vault.shred(digest, { participant: 17, reason: "erasure request" });
   * for (const { id, cid } of vault.pins.toRelease()) {
   *   await store.unpin(cid);
   *   vault.pins.released(id);
   * }
   */
  shred(digest: Uint8Array, options: ShredOptions): ShredReceipt {
    return this.#shredder.record(digest, options);
  }

  /**
   * Erases a compartment's key and all its envelopes, and refuses them for ever.
   *
   * @param id of the compartment, 16 bytes
   * @throws `VAULT_INPUT_INVALID`
   */
  shredCompartment(id: Uint8Array, options: ShredOptions): CompartmentShredReceipt {
    return this.#shredder.compartment(id, options);
  }

  /**
   * Changes the passphrase and erases what the former one opened. Copies of the file made before still open with it.
   *
   * @throws `WRONG_PASSPHRASE` when `current` is wrong, `PASSPHRASE_EMPTY` when `next` is empty
   */
  async changePassphrase(current: string, next: string): Promise<void> {
    wipe(await unlockVaultKey(this.#database, current));
    const vaultKey = this.#sealer.vaultKey();
    try {
      writeLock(this.#database, await lockVaultKey(vaultKey, next, this.#cost));
      this.#database.scrub();
    } finally {
      wipe(vaultKey);
    }
  }

  /**
   * A copy of what cannot be had again from the chain, under a passphrase: seeds, compartment keys, envelopes, content
   * keys, authors' signatures, pin notes, tombstones, key releases, denials, replay marks, what decides access, settings, who is known, what
   * waits on the worklist, decisions and retractions. Verified histories, cursors and the transaction journal stay out.
   *
   * It outlives a later shredding: destroy or renew it then.
   *
   * @throws `PASSPHRASE_EMPTY`
   *
   * @example
   * await writeFile("vault.backup", await vault.backup(passphrase), { mode: 0o600 });
   */
  async backup(passphrase: string): Promise<Uint8Array> {
    return createBackup(this, passphrase, this.#cost);
  }

  /** Closes the files, releases the lock and wipes the keys in memory. Closing twice is harmless. */
  close(): void {
    this.#database.close();
    this.#sealer.close();
  }

  /** So that `using vault = await openVault(…)` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }
}
