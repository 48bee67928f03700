import { ChartChainError } from "../errors/index.js";
import { fromHex, toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
import { invalidInput, requireHex, requireInteger, requireName } from "./input.js";
import type { Sealer } from "./sealer.js";

const PLACE = "transactions";

/** A signed transaction that is about to be sent. */
export interface NewTransaction {
  /** The caller's idempotency key: one intention, one key. */
  key: string;
  /** The signed transaction as it will be sent, `0x…`. */
  raw: string;
  /** Its hash, `0x` and 32 bytes. */
  hash: string;
  nonce: number;
  /** Address of the sender. */
  from: string;
}

/** "dropped" when it can never be mined, so that its nonce is free again. */
export type TransactionStatus = "pending" | "success" | "reverted" | "dropped";

/** A transaction as it stands in the journal. */
export interface JournaledTransaction extends NewTransaction {
  status: TransactionStatus;
  /** Number of the block that it was mined in. */
  block?: number;
  /** Hashes of earlier versions of the same nonce: one of those may be mined instead. */
  replaced: string[];
}

/** How a transaction ended. */
export interface Settlement {
  status: Exclude<TransactionStatus, "pending">;
  /** Number of the block that it was mined in. */
  block?: number;
}

interface Row {
  key: string;
  sender: string;
  nonce: number;
  hash: string;
  status: TransactionStatus;
  block: number | null;
  replaced: string;
  sealed: Uint8Array;
}

/**
 * A write-ahead journal for sending each transaction exactly once: {@link begin}, then send; after a crash send what is
 * {@link pending} again, the same bytes, which a node takes once.
 */
export class Transactions {
  readonly #database: Database;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  /**
   * Notes a signed transaction, durably once this returns; then it may be sent. Beginning the same again changes nothing.
   *
   * @throws `TRANSACTION_CONFLICT` when the key has another transaction, or another one took sender and nonce
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * const known = vault.transactions.find(key);
   * if (!known) vault.transactions.begin({ key, raw, hash, nonce, from });
   */
  begin(transaction: NewTransaction): JournaledTransaction {
    const { key, raw, hash, nonce, from } = normalize(transaction);
    return this.#database.transaction(() => {
      const rival = this.#database.get<Row>(
        "SELECT * FROM transactions WHERE key = ?1 OR (sender = ?2 AND nonce = ?3 AND status <> 'dropped')",
        key,
        from,
        nonce,
      );
      if (rival === undefined) {
        const sealed = this.#sealer.seal(PLACE, key, fromHex(raw));
        this.#database.run(
          "INSERT INTO transactions VALUES (?, ?, ?, ?, 'pending', NULL, '[]', ?)",
          key,
          from,
          nonce,
          hash,
          sealed,
        );
      } else if (rival.key !== key || rival.hash !== hash) throw conflict(key, from, nonce);
      return this.#require(key);
    });
  }

  /** The transaction of that key. */
  find(key: string): JournaledTransaction | undefined {
    requireName(key, "key");
    const row = this.#database.get<Row>("SELECT * FROM transactions WHERE key = ?", key);
    return row && this.#open(row);
  }

  /** The transaction that has this nonce of a sender; `undefined` when none has, or it was dropped. */
  at(from: string, nonce: number): JournaledTransaction | undefined {
    requireInteger(nonce, "nonce");
    const row = this.#database.get<Row>(
      "SELECT * FROM transactions WHERE sender = ? AND nonce = ? AND status <> 'dropped'",
      requireHex(from, "from", 20),
      nonce,
    );
    return row && this.#open(row);
  }

  /** All that are not settled, of one sender if given, by sender and nonce. */
  pending({ from }: { from?: string } = {}): JournaledTransaction[] {
    const sender = from === undefined ? null : requireHex(from, "from", 20);
    const rows = this.#database.all<Row>(
      "SELECT * FROM transactions WHERE status = 'pending' AND (?1 IS NULL OR sender = ?1) ORDER BY sender, nonce",
      sender,
    );
    return rows.map((row) => this.#open(row));
  }

  /**
   * Notes how a transaction ended, whichever of its versions was mined.
   *
   * @throws `TRANSACTION_UNKNOWN`, `VAULT_INPUT_INVALID`
   */
  settle(key: string, { status, block }: Settlement): void {
    if (!["success", "reverted", "dropped"].includes(status)) {
      throw invalidInput("status", '"success", "reverted" or "dropped"');
    }
    if (block !== undefined) requireInteger(block, "block");
    this.#update(key, status, block);
  }

  /**
   * Makes a settled transaction pending again, after a reorganization.
   *
   * @throws `TRANSACTION_CONFLICT` when it was dropped and another one has its nonce since; `TRANSACTION_UNKNOWN`
   */
  reopen(key: string): void {
    this.#update(key, "pending", undefined);
  }

  /**
   * Puts another version in place of a pending one: the same sender and nonce, such as with a higher fee. The hash of
   * the former is kept.
   *
   * @throws `TRANSACTION_UNKNOWN`; `TRANSACTION_CONFLICT` when it is settled already; `VAULT_INPUT_INVALID`
   */
  replace(key: string, version: Pick<NewTransaction, "raw" | "hash">): JournaledTransaction {
    return this.#database.transaction(() => {
      const { from, nonce, status, hash: former, replaced } = this.#require(key);
      if (status !== "pending") throw conflict(key, from, nonce);
      const { raw, hash } = normalize({ ...version, key, from, nonce });
      if (hash !== former) {
        this.#database.run(
          "UPDATE transactions SET hash = ?, replaced = ?, sealed = ? WHERE key = ?",
          hash,
          JSON.stringify([...replaced.filter((earlier) => earlier !== hash), former]),
          this.#sealer.seal(PLACE, key, fromHex(raw)),
          key,
        );
      }
      return this.#require(key);
    });
  }

  #update(key: string, status: TransactionStatus, block: number | undefined): void {
    this.#database.transaction(() => {
      const { from, nonce } = this.#require(key);
      const rival = this.#database.get(
        "SELECT 1 FROM transactions WHERE sender = ? AND nonce = ? AND status <> 'dropped' AND key <> ?",
        from,
        nonce,
        key,
      );
      if (status !== "dropped" && rival !== undefined) throw conflict(key, from, nonce);
      this.#database.run("UPDATE transactions SET status = ?, block = ? WHERE key = ?", status, block ?? null, key);
    });
  }

  #require(key: string): JournaledTransaction {
    const found = this.find(key);
    if (found !== undefined) return found;
    throw new ChartChainError("TRANSACTION_UNKNOWN", "the journal has no transaction of this key", {
      details: { key },
      hint: "Begin it first, with the signed bytes, before it is sent.",
    });
  }

  #open({ key, sender: from, nonce, hash, status, block, replaced, sealed }: Row): JournaledTransaction {
    return {
      ...{ key, from, nonce, hash, status },
      raw: toHex(this.#sealer.open(PLACE, key, sealed)),
      ...(block === null ? {} : { block }),
      replaced: JSON.parse(replaced) as string[],
    };
  }
}

function normalize({ key, raw, hash, nonce, from }: NewTransaction): NewTransaction {
  requireName(key, "key");
  requireInteger(nonce, "nonce");
  return {
    ...{ key, nonce },
    raw: requireHex(raw, "raw"),
    hash: requireHex(hash, "hash", 32),
    from: requireHex(from, "from", 20),
  };
}

function conflict(key: string, from: string, nonce: number): ChartChainError {
  return new ChartChainError("TRANSACTION_CONFLICT", "the journal has another transaction of this key or nonce", {
    details: { key, from, nonce },
    hint: "Find it by its key and send that one again; a new intention needs a new key and the next nonce.",
  });
}
