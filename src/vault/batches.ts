import { Batch, batchDigest, decodeBatchProof, encodeBatchProof, type BatchProof } from "../crypto/index.js";
import { toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
import { requireBytes, requireParticipant } from "./input.js";
import type { Sealer } from "./sealer.js";

const PLACE = "batches";
const PROOF_PLACE = "batch_proofs";

/**
 * The whole lists of batches: a patient's own ones and those that this vault's owner wrote. And, for each record in a batch
 * that is here, the proof of that.
 */
export class Batches {
  readonly #database: Database;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  /**
   * Keeps a batch; the same one again changes nothing.
   *
   * @param patient participant id of whose records they are
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.batches.keep(17, Batch.of(digests));
   */
  keep(patient: number, batch: Batch): void {
    requireParticipant(patient, "patient");
    const digest = batch.digest();
    this.#database.run(
      "INSERT INTO batches VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      digest,
      patient,
      this.#sealer.seal(PLACE, digest, batch.encode()),
    );
  }

  /** The batch that is anchored under a digest, 32 bytes; `undefined` where this vault has no list of it. */
  get(digest: Uint8Array): Batch | undefined {
    requireBytes(digest, "digest", 32);
    const row = this.#database.get<{ sealed: Uint8Array }>("SELECT sealed FROM batches WHERE digest = ?", digest);
    return row === undefined ? undefined : Batch.decode(this.#sealer.open(PLACE, digest, row.sealed));
  }

  /** The digests of the batches of a patient of which the lists are here. */
  digestsOf(patient: number): Uint8Array[] {
    return this.#database
      .all<{ digest: Uint8Array }>("SELECT digest FROM batches WHERE patient = ? ORDER BY digest", patient)
      .map(({ digest }) => digest);
  }

  /** Digests of the records of which this vault has the proof that they are in a batch (its digest, 32 bytes). */
  recordsIn(batch: Uint8Array): Uint8Array[] {
    requireBytes(batch, "batch", 32);
    return this.#database
      .all<{ record: Uint8Array }>("SELECT record FROM batch_proofs WHERE batch = ? ORDER BY record", batch)
      .map(({ record }) => record);
  }

  /** All lists, or one patient's. */
  list(patient?: number): { patient: number; batch: Batch }[] {
    const rows = this.#database.all<{ digest: Uint8Array; patient: number }>(
      "SELECT digest, patient FROM batches WHERE ?1 IS NULL OR patient = ?1 ORDER BY digest",
      patient ?? null,
    );
    return rows.map((row) => ({ patient: row.patient, batch: this.get(row.digest)! }));
  }

  /**
   * Keeps the proof that a record (its digest, 32 bytes) is in a batch. A record may be in several.
   *
   * @throws `VAULT_INPUT_INVALID`
   */
  keepProof(record: Uint8Array, proof: BatchProof): void {
    requireBytes(record, "record", 32);
    const batch = batchDigest(proof);
    this.#database.run(
      "INSERT INTO batch_proofs VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      record,
      batch,
      this.#sealer.seal(PROOF_PLACE, proofName(record, batch), encodeBatchProof(proof)),
    );
  }

  /** The proofs of a record (its digest, 32 bytes), one for each batch. */
  proofsOf(record: Uint8Array): BatchProof[] {
    requireBytes(record, "record", 32);
    return this.#database
      .all<{ batch: Uint8Array; sealed: Uint8Array }>("SELECT batch, sealed FROM batch_proofs WHERE record = ?", record)
      .map(({ batch, sealed }) => decodeBatchProof(this.#sealer.open(PROOF_PLACE, proofName(record, batch), sealed)));
  }

  /** All proofs, for backups. */
  proofs(): { record: Uint8Array; proof: Uint8Array }[] {
    return this.#database
      .all<{ record: Uint8Array }>("SELECT DISTINCT record FROM batch_proofs ORDER BY record")
      .flatMap(({ record }) => this.proofsOf(record).map((proof) => ({ record, proof: encodeBatchProof(proof) })));
  }
}

const proofName = (record: Uint8Array, batch: Uint8Array): string => `${toHex(record)}/${toHex(batch)}`;
