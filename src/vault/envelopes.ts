import { ChartChainError } from "../errors/index.js";
import { toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
import type { Erasable } from "./erasable.js";
import { invalidInput, requireBytes, requireInteger, requireParticipant } from "./input.js";
import { readMeta, writeMeta } from "./meta.js";
import { type RecordMetadata, decodeMetadata, encodeMetadata } from "./record-metadata.js";
import type { Sealer } from "./sealer.js";
import type { Tombstones } from "./tombstones.js";
import { equalBytes } from "../crypto/index.js";

const PLACE = "envelopes";
const METADATA_PLACE = "envelopes.metadata";

/** "pending" until the record's digest is anchored on chain. */
export type EnvelopeStatus = "pending" | "anchored";

/** Where a record is anchored. */
export interface Anchor {
  /** Block number. */
  block: number;
  /** The record's place in the patient's history, from 0 on. */
  index: number;
}

/** An envelope to keep. */
export interface NewEnvelope {
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  /** Id of the compartment key that opens it, 16 bytes. */
  compartmentId: Uint8Array;
  /** The encoded envelope. */
  bytes: Uint8Array;
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of who keeps the record. */
  steward: number;
  status: EnvelopeStatus;
  /** Where it is anchored, if that is known already. */
  anchor?: Anchor;
  /** What its manifest says, if it has been opened. */
  metadata?: RecordMetadata;
  /** True to replace other bytes of the same digest, after re-keying. */
  replace?: boolean;
}

/** What is listed of an envelope. */
export interface EnvelopeEntry {
  digest: Uint8Array;
  compartmentId: Uint8Array;
  patient: number;
  steward: number;
  status: EnvelopeStatus;
  anchor?: Anchor;
  metadata?: RecordMetadata;
  /** Grows with every envelope that is put, changes its bytes or is anchored. Local to this vault; never reused. */
  sequence: number;
}

/** An envelope as it is kept. */
export interface StoredEnvelope extends EnvelopeEntry {
  bytes: Uint8Array;
}

/** What to list; what is left out is not asked for. */
export interface EnvelopeFilter {
  patient?: number;
  steward?: number;
  /** Ids of compartments, 16 bytes each. */
  compartmentIds?: readonly Uint8Array[];
  status?: EnvelopeStatus;
  /** Only what came or changed after this sequence number, for incremental exports. */
  since?: number;
  /** At most so many entries. */
  limit?: number;
}

interface Row {
  digest: Uint8Array;
  sequence: number;
  compartment: Uint8Array;
  patient: number;
  steward: number;
  anchored: number;
  block: number | null;
  position: number | null;
  sealed_metadata: Uint8Array | null;
}

const COLUMNS = "digest, sequence, compartment, patient, steward, anchored, block, position, sealed_metadata";

/**
 * The envelopes of the records that the vault's owner keeps, wrote or may read.
 *
 * The file is longer than 300 lines because all of it is about one table.
 */
export class Envelopes {
  readonly #database: Database;
  readonly #erasable: Erasable;
  readonly #tombstones: Tombstones;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer, erasable: Erasable, tombstones: Tombstones) {
    this.#database = database;
    this.#sealer = sealer;
    this.#erasable = erasable;
    this.#tombstones = tombstones;
  }

  /**
   * Keeps an envelope, durably once this returns. Putting the same again changes nothing, but a pending one becomes
   * anchored and metadata is added.
   *
   * @returns its sequence number
   * @throws `RECORD_SHREDDED` or `COMPARTMENT_SHREDDED` when this holder erased it
   * @throws `ENVELOPE_CONFLICT` when there are other bytes for the digest, and `replace` was not asked for
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.envelopes.put({ digest, compartmentId, bytes: encodeEnvelope(envelope), patient: 17, steward: 4, status: "pending" });
   */
  put(envelope: NewEnvelope): number {
    const { digest, compartmentId, bytes, patient, steward, status, anchor, metadata, replace } = envelope;
    requireBytes(digest, "digest", 32);
    requireBytes(compartmentId, "compartmentId", 16);
    requireBytes(bytes, "bytes");
    requireParticipant(patient, "patient");
    requireParticipant(steward, "steward");
    requireStatus(status);
    if (anchor !== undefined && status === "pending")
      throw invalidInput("status", '"anchored" when an anchor is given');
    return this.#database.transaction(() => {
      this.#tombstones.requireRecordLives(digest);
      this.#tombstones.requireCompartmentLives(compartmentId);
      const held = this.get(digest);
      const same =
        held !== undefined &&
        held.patient === patient &&
        held.steward === steward &&
        equalBytes(held.compartmentId, compartmentId) &&
        equalBytes(held.bytes, bytes);
      if (held !== undefined && !same) {
        if (replace !== true || held.patient !== patient || held.steward !== steward) throw conflict(digest);
        this.#database.run(
          "UPDATE envelopes SET compartment = ?, sealed = ?, sequence = ? WHERE digest = ?",
          compartmentId,
          this.#erasable.seal(PLACE, digest, bytes),
          this.#nextSequence(),
          digest,
        );
      } else if (held === undefined) {
        this.#database.run(
          `INSERT INTO envelopes (digest, sequence, compartment, patient, steward, anchored, sealed)
           VALUES (?, ?, ?, ?, ?, 0, ?)`,
          digest,
          this.#nextSequence(),
          compartmentId,
          patient,
          steward,
          this.#erasable.seal(PLACE, digest, bytes),
        );
      }
      if (status === "anchored") this.#anchor(digest, anchor);
      if (metadata !== undefined) this.describe(digest, metadata);
      return this.#row(digest).sequence;
    });
  }

  /**
   * Notes that the record is anchored, and where.
   *
   * @throws `RECORD_UNKNOWN`, `VAULT_INPUT_INVALID`
   */
  markAnchored(digest: Uint8Array, anchor: Anchor): void {
    this.#database.transaction(() => {
      this.#row(digest);
      this.#anchor(digest, anchor);
    });
  }

  /** Notes that a reorganization took the record's anchor away. Throws `RECORD_UNKNOWN`. */
  markPending(digest: Uint8Array): void {
    this.#database.transaction(() => {
      if (this.#row(digest).anchored === 0) return;
      this.#database.run(
        "UPDATE envelopes SET anchored = 0, block = NULL, position = NULL, sequence = ? WHERE digest = ?",
        this.#nextSequence(),
        digest,
      );
    });
  }

  /**
   * Keeps what the record's manifest says, sealed. A manifest doesn't say what the record says of itself: what is kept of that
   * stays. Throws `RECORD_UNKNOWN`, `VAULT_INPUT_INVALID`.
   */
  describe(digest: Uint8Array, metadata: RecordMetadata): void {
    this.#database.transaction(() => {
      const facts = this.#entry(this.#row(digest)).metadata?.facts;
      const encoded = encodeMetadata({ ...(facts && { facts }), ...metadata });
      const sealed = this.#erasable.seal(METADATA_PLACE, digest, encoded);
      this.#database.run("UPDATE envelopes SET sealed_metadata = ? WHERE digest = ?", sealed, digest);
      const { retraction, author } = metadata;
      if (retraction === undefined) return;
      const tag = this.#retractionTag(retraction, author);
      this.#database.run("UPDATE envelopes SET retraction = ? WHERE digest = ?", tag, digest);
    });
  }

  /** The envelope of that digest (32 bytes). */
  get(digest: Uint8Array): StoredEnvelope | undefined {
    requireBytes(digest, "digest", 32);
    const row = this.#database.get<Row & { sealed: Uint8Array }>(
      `SELECT ${COLUMNS}, sealed FROM envelopes WHERE digest = ?`,
      digest,
    );
    return row && { ...this.#entry(row), bytes: this.#erasable.open(PLACE, digest, row.sealed) };
  }

  /**
   * The envelopes that match, by sequence number, without their bytes.
   *
   * @example
   * const news = vault.envelopes.list({ patient: 17, status: "anchored", since: lastExported });
   */
  list(filter: EnvelopeFilter = {}): EnvelopeEntry[] {
    const { patient, steward, compartmentIds, status, since, limit } = filter;
    const conditions = ["sequence > ?"];
    const parameters: (number | string)[] = [since ?? 0];
    const where = (condition: string, parameter: number | string | undefined): void => {
      if (parameter === undefined) return;
      conditions.push(condition);
      parameters.push(parameter);
    };
    where("patient = ?", patient);
    where("steward = ?", steward);
    where("anchored = ?", status && Number(status === "anchored"));
    const ids = compartmentIds?.map((id) => toHex(id).slice(2));
    where("compartment IN (SELECT unhex(value) FROM json_each(?))", ids && JSON.stringify(ids));
    if (limit !== undefined) requireInteger(limit, "limit");
    const sql = `SELECT ${COLUMNS} FROM envelopes WHERE ${conditions.join(" AND ")} ORDER BY sequence LIMIT ?`;
    return this.#database.all<Row>(sql, ...parameters, limit ?? -1).map((row) => this.#entry(row));
  }

  /**
   * The envelope that this author retracts by anchoring this digest (32 bytes), however many there are.
   *
   * @example
   * const entry = vault.envelopes.retractedBy(getBytes(event.args.digest), Number(event.args.author));
   */
  retractedBy(anchored: Uint8Array, author: number): EnvelopeEntry | undefined {
    const row = this.#database.get<Row>(
      `SELECT ${COLUMNS} FROM envelopes WHERE retraction = ?`,
      this.#retractionTag(anchored, author),
    );
    return row && this.#entry(row);
  }

  // Which of the digests on chain retract which records isn't readable in the file.
  #retractionTag(retraction: Uint8Array, author: number): Uint8Array {
    requireBytes(retraction, "retraction", 32);
    requireParticipant(author, "author");
    return this.#sealer.tag("envelopes.retraction", toHex(retraction), author);
  }

  #anchor(digest: Uint8Array, anchor: Anchor | undefined): void {
    if (anchor !== undefined) {
      requireInteger(anchor.block, "anchor.block");
      requireInteger(anchor.index, "anchor.index");
    }
    const { anchored, block, position } = this.#row(digest);
    const known = anchored === 1 && (anchor === undefined || (anchor.block === block && anchor.index === position));
    if (known) return;
    // A new sequence number, or an export of anchored ones would have passed it by.
    this.#database.run(
      "UPDATE envelopes SET anchored = 1, block = ?, position = ?, sequence = ? WHERE digest = ?",
      anchor?.block ?? null,
      anchor?.index ?? null,
      this.#nextSequence(),
      digest,
    );
  }

  #nextSequence(): number {
    const sequence = (readMeta<number>(this.#database, "envelope_sequence") ?? 0) + 1;
    writeMeta(this.#database, "envelope_sequence", sequence);
    return sequence;
  }

  #row(digest: Uint8Array): Row {
    requireBytes(digest, "digest", 32);
    const row = this.#database.get<Row>(`SELECT ${COLUMNS} FROM envelopes WHERE digest = ?`, digest);
    if (row !== undefined) return row;
    throw new ChartChainError("RECORD_UNKNOWN", `the vault has no envelope of this record: ${toHex(digest)}`, {
      details: { digest: toHex(digest) },
      hint: "Take the envelope from the patient or the steward first.",
    });
  }

  #entry(row: Row): EnvelopeEntry {
    const { digest, compartment, patient, steward, sequence, anchored, block, position, sealed_metadata: sealed } = row;
    return {
      ...{ digest, compartmentId: compartment, patient, steward, sequence },
      status: anchored === 1 ? "anchored" : "pending",
      ...(block === null || position === null ? {} : { anchor: { block, index: position } }),
      ...(sealed === null ? {} : { metadata: decodeMetadata(this.#erasable.open(METADATA_PLACE, digest, sealed)) }),
    };
  }
}

function requireStatus(status: unknown): void {
  if (status !== "pending" && status !== "anchored") throw invalidInput("status", '"pending" or "anchored"');
}

function conflict(digest: Uint8Array): ChartChainError {
  return new ChartChainError("ENVELOPE_CONFLICT", `the vault has another envelope of this record: ${toHex(digest)}`, {
    details: { digest: toHex(digest) },
    hint: "Open both and keep the one that opens; pass replace: true if it was sealed anew for another round.",
  });
}
