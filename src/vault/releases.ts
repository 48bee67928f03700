import { MerkleLog, leafHash, randomBytes } from "../crypto/index.js";
import { ChartChainError } from "../errors/index.js";
import type { Database } from "../sqlite/index.js";
import { requireInteger } from "./input.js";
import { type Release, decodeRelease, encodeRelease } from "./release-entry.js";
import type { Sealer } from "./sealer.js";

const PLACE = "releases";

/** A release with its place in the log. */
export interface LoggedRelease extends Release {
  /** From 0 on. */
  index: number;
}

interface Row {
  id: number;
  sealed: Uint8Array;
}

/**
 * The log of every key this holder handed out: append-only, with proofs as RFC 9162 defines them.
 *
 * A key may leave only after {@link append} returned. The engine itself refuses to change or delete an entry.
 */
export class Releases {
  readonly #database: Database;
  readonly #sealer: Sealer;
  #log: MerkleLog | undefined;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
    // Entries that were rolled back are in no log.
    database.onRollback(() => (this.#log = undefined));
  }

  /**
   * Logs a release; it is on disk when this returns, or, inside a transaction, when that returns. Then hand the keys out.
   *
   * @returns the entry with its index and its random salt
   * @throws `VAULT_INPUT_INVALID`; `VAULT_FULL`, `VAULT_UNWRITABLE`: then no key may be handed out
   *
   * @example
   * vault.releases.append({ patient: 17, recipient: 9, purpose: 0, compartmentIds, wrapDigests, block, at });
   */
  append(release: Omit<Release, "salt">): LoggedRelease {
    return this.adopt(encodeRelease({ ...release, salt: randomBytes(16) }));
  }

  /** Appends an entry that is encoded already, when a log is restored. */
  adopt(encoded: Uint8Array): LoggedRelease {
    const release = decodeRelease(encoded);
    const hash = leafHash(encoded);
    const index = this.#database.transaction(() => {
      const next = this.size;
      this.#database.run(
        "INSERT INTO releases VALUES (?, ?, ?, ?)",
        next,
        release.patient,
        hash,
        this.#sealer.seal(PLACE, next, encoded),
      );
      return next;
    });
    this.#log?.appendLeafHash(hash);
    return { ...release, index };
  }

  /** How many releases there are. */
  get size(): number {
    return this.#database.get<{ size: number }>("SELECT coalesce(max(id) + 1, 0) AS size FROM releases")?.size ?? 0;
  }

  /** Releases in order, of one patient if given, from index `since` on. */
  list({ patient, since }: { patient?: number; since?: number } = {}): LoggedRelease[] {
    const rows = this.#database.all<Row>(
      "SELECT id, sealed FROM releases WHERE id >= ?1 AND (?2 IS NULL OR patient = ?2) ORDER BY id",
      since ?? 0,
      patient ?? null,
    );
    return rows.map((row) => ({ ...decodeRelease(this.#open(row)), index: row.id }));
  }

  /**
   * The encoded entry at an index, from 0 on: what the log's leaf is over.
   *
   * @throws `LOG_INDEX_OUT_OF_RANGE`
   */
  leaf(index: number): Uint8Array {
    requireInteger(index, "index");
    const row = this.#database.get<Row>("SELECT id, sealed FROM releases WHERE id = ?", index);
    if (row !== undefined) return this.#open(row);
    throw new ChartChainError("LOG_INDEX_OUT_OF_RANGE", `index ${index} is not below ${this.size}`, {
      details: { name: "index", value: index, min: 0, max: this.size - 1 },
      hint: `The log has ${this.size} entries: ask within them, or append first.`,
    });
  }

  /** Root of the first `size` entries, 32 bytes. Throws `LOG_INDEX_OUT_OF_RANGE`. */
  root(size?: number): Uint8Array {
    return this.#merkleLog().root(size);
  }

  /** That an entry is among the first `size`. Throws `LOG_INDEX_OUT_OF_RANGE`. */
  inclusionProof(index: number, size?: number): Uint8Array[] {
    return this.#merkleLog().inclusionProof(index, size);
  }

  /** That the first `second` entries begin with the first `first`. Throws `LOG_INDEX_OUT_OF_RANGE`. */
  consistencyProof(first: number, second?: number): Uint8Array[] {
    return this.#merkleLog().consistencyProof(first, second);
  }

  #open({ id, sealed }: Row): Uint8Array {
    return this.#sealer.open(PLACE, id, sealed);
  }

  #merkleLog(): MerkleLog {
    this.#log ??= MerkleLog.fromLeafHashes(
      this.#database
        .all<{ leaf_hash: Uint8Array }>("SELECT leaf_hash FROM releases ORDER BY id")
        .map((row) => row.leaf_hash),
    );
    return this.#log;
  }
}
