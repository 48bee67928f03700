import { fromHex, toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
import { requireBytes, requireHex, requireInteger, requireParticipant } from "./input.js";
import type { Sealer } from "./sealer.js";
import { concatBytes } from "../crypto/index.js";

const PLACE = "author_signatures";
const LARGEST_BATCH = 32_768;
const ACCOUNT_LENGTH = 20;

/** What an author says that it anchored. */
export interface AnchorStatement {
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of who says so. */
  author: number;
  /** The record's or the batch's digest, 32 bytes. */
  digest: Uint8Array;
  /** How many places the batch takes; 0 for a single digest. */
  count: number;
}

/** An author's signature over an {@link AnchorStatement}. */
export interface AuthorSignature {
  /** The account that signed it, 20 bytes in hex. */
  account: string;
  /** In hex. */
  signature: string;
}

/**
 * The authors' signatures over what they anchored, each checked before it came in. What isn't here is a node's word alone.
 * Nothing is erased: they say no more than the chain does.
 */
export class AuthorSignatures {
  readonly #database: Database;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  /**
   * Keeps a signature that was checked, in the place of an earlier one over the same statement.
   *
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.authorSignatures.keep({ patient: 17, author: 4, digest, count: 0 }, { account, signature });
   */
  keep(statement: AnchorStatement, { account, signature }: AuthorSignature): void {
    const { digest, author, patient, count } = checked(statement);
    const bytes = [requireHex(account, "account", ACCOUNT_LENGTH), requireHex(signature, "signature")].map(fromHex);
    const sealed = this.#sealer.seal(PLACE, nameOf(statement), concatBytes(...bytes));
    this.#database.run(
      `INSERT INTO author_signatures VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
      ...[digest, author, patient, count, sealed],
    );
  }

  /** The author's signature over a statement; undefined where this vault has none. */
  get(statement: AnchorStatement): AuthorSignature | undefined {
    const { digest, author, patient, count } = checked(statement);
    const row = this.#database.get<{ sealed: Uint8Array }>(
      "SELECT sealed FROM author_signatures WHERE digest = ? AND author = ? AND patient = ? AND count = ?",
      ...[digest, author, patient, count],
    );
    if (row === undefined) return undefined;
    const opened = this.#sealer.open(PLACE, nameOf(statement), row.sealed);
    return { account: toHex(opened.subarray(0, ACCOUNT_LENGTH)), signature: toHex(opened.subarray(ACCOUNT_LENGTH)) };
  }

  /** All of them, for backups. */
  list(): (AnchorStatement & AuthorSignature)[] {
    return this.#database
      .all<AnchorStatement & { sealed: Uint8Array }>(
        "SELECT digest, author, patient, count FROM author_signatures ORDER BY digest, author, patient, count",
      )
      .map(({ digest, author, patient, count }) => {
        const statement = { patient, author, digest, count };
        return { ...statement, ...this.get(statement)! };
      });
  }
}

function checked(statement: AnchorStatement): AnchorStatement {
  requireBytes(statement.digest, "digest", 32);
  requireParticipant(statement.author, "author");
  requireParticipant(statement.patient, "patient");
  requireInteger(statement.count, "count", 0, LARGEST_BATCH);
  return statement;
}

const nameOf = ({ digest, author, patient, count }: AnchorStatement): string =>
  `${toHex(digest)}/${author}/${patient}/${count}`;
