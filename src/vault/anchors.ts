import type { Database } from "../sqlite/index.js";
import { requireBytes, requireInteger, requireParticipant } from "./input.js";

/** One record or batch of a patient's history, as it was verified against the running head in the contract's state. */
export interface VerifiedAnchor {
  /** From 1, in the order of the history; a batch's first place. */
  index: number;
  /** How many places a batch takes; null for a single record. */
  size: number | null;
  /** Participant id of who anchored it. */
  author: number;
  /** Manifest digest or batch digest, 32 bytes. */
  digest: Uint8Array;
  block: number;
  /** The running head's hash chain with this anchor as the last one, 27 bytes. */
  chain: Uint8Array;
}

const COLUMNS = 'position AS "index", size, author, digest, block, chain';
const LARGEST_BATCH = 32_768;

/**
 * Each patient's history as far as it was verified. What is verified once isn't read from the chain again: the running head
 * commits to all that is before it.
 */
export class Anchors {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest anchor of a patient's verified history; `undefined` when none was verified. */
  last(patient: number): VerifiedAnchor | undefined {
    return this.#database.get<VerifiedAnchor>(
      `SELECT ${COLUMNS} FROM anchors WHERE patient = ? ORDER BY position DESC LIMIT 1`,
      patient,
    );
  }

  /** What stands at a place in a patient's verified history, from 1: a record, or the batch that takes it. */
  at(patient: number, index: number): VerifiedAnchor | undefined {
    const anchor = this.#database.get<VerifiedAnchor>(
      `SELECT ${COLUMNS} FROM anchors WHERE patient = ? AND position <= ? ORDER BY position DESC LIMIT 1`,
      patient,
      index,
    );
    return anchor === undefined || lastPlaceOf(anchor) < index ? undefined : anchor;
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
   * Keeps what comes after `index` in a patient's history; whatever was kept after it is dropped, as after a
   * reorganisation.
   *
   * @param index the last place that stays; 0 to keep another history from its beginning
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.anchors.keep(17, 0, [{ index: 1, size: null, author: 4, digest, block: 120, chain }]);
   */
  keep(patient: number, index: number, records: readonly VerifiedAnchor[]): void {
    requireParticipant(patient, "patient");
    requireInteger(index, "index");
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM anchors WHERE patient = ? AND position > ?", patient, index);
      for (const record of records) {
        requireInteger(record.index, "record.index", index + 1);
        if (record.size !== null) requireInteger(record.size, "record.size", 1, LARGEST_BATCH);
        requireInteger(record.block, "record.block");
        requireParticipant(record.author, "record.author");
        requireBytes(record.digest, "record.digest", 32);
        requireBytes(record.chain, "record.chain", 27);
        const { index: position, size, author, digest, block, chain } = record;
        this.#database.run(
          "INSERT INTO anchors VALUES (?, ?, ?, ?, ?, ?, ?)",
          patient,
          position,
          size,
          author,
          digest,
          block,
          chain,
        );
      }
    });
  }
}

/** The last place that a record or a batch takes in the history. */
export const lastPlaceOf = ({ index, size }: Pick<VerifiedAnchor, "index" | "size">): number => index + (size ?? 1) - 1;
