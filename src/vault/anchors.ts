import type { Database } from "./database.js";
import { requireBytes, requireInteger, requireParticipant } from "./input.js";

/** One record of a patient's history, as it was verified against the running head in the contract's state. */
export interface VerifiedAnchor {
  /** From 1, in the order of the history. */
  index: number;
  /** Participant id of who anchored it. */
  author: number;
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  block: number;
  /** The running head's hash chain with this record as the last one, 27 bytes. */
  chain: Uint8Array;
}

const COLUMNS = 'position AS "index", author, digest, block, chain';

/**
 * Each patient's history as far as it was verified. What is verified once isn't read from the chain again: the running head
 * commits to all that is before it.
 */
export class Anchors {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest record of a patient's verified history; `undefined` when none was verified. */
  last(patient: number): VerifiedAnchor | undefined {
    return this.#database.get<VerifiedAnchor>(
      `SELECT ${COLUMNS} FROM anchors WHERE patient = ? ORDER BY position DESC LIMIT 1`,
      patient,
    );
  }

  /** The record at a place in a patient's verified history, from 1. */
  at(patient: number, index: number): VerifiedAnchor | undefined {
    return this.#database.get<VerifiedAnchor>(
      `SELECT ${COLUMNS} FROM anchors WHERE patient = ? AND position = ?`,
      patient,
      index,
    );
  }

  /** Where a digest is anchored, oldest first: anybody may anchor somebody else's digest again. */
  find(patient: number, digest: Uint8Array): VerifiedAnchor[] {
    requireBytes(digest, "digest", 32);
    return this.#database.all<VerifiedAnchor>(
      `SELECT ${COLUMNS} FROM anchors WHERE patient = ? AND digest = ? ORDER BY position`,
      patient,
      digest,
    );
  }

  /** All of a patient's verified history, oldest first. */
  list(patient: number): VerifiedAnchor[] {
    return this.#database.all<VerifiedAnchor>(
      `SELECT ${COLUMNS} FROM anchors WHERE patient = ? ORDER BY position`,
      patient,
    );
  }

  /**
   * Keeps the records that come after `index` in a patient's history; whatever was kept after it is dropped, as after a
   * reorganisation.
   *
   * @param index the last record that stays; 0 to keep another history from its beginning
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.anchors.keep(17, 0, [{ index: 1, author: 4, digest, block: 120, chain }]);
   */
  keep(patient: number, index: number, records: readonly VerifiedAnchor[]): void {
    requireParticipant(patient, "patient");
    requireInteger(index, "index");
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM anchors WHERE patient = ? AND position > ?", patient, index);
      for (const record of records) {
        requireInteger(record.index, "record.index", index + 1);
        requireInteger(record.block, "record.block");
        requireParticipant(record.author, "record.author");
        requireBytes(record.digest, "record.digest", 32);
        requireBytes(record.chain, "record.chain", 27);
        const { index: position, author, digest, block, chain } = record;
        this.#database.run(
          "INSERT INTO anchors VALUES (?, ?, ?, ?, ?, ?)",
          patient,
          position,
          author,
          digest,
          block,
          chain,
        );
      }
    });
  }
}
