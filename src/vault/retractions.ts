import { fromHex, toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
import { requireBytes, requireParticipant } from "./input.js";
import type { People } from "./people.js";
import type { Sealer } from "./sealer.js";
import type { JsonValue } from "./settings.js";

const PLACE = "retractions";
const STATEMENT_PLACE = "retraction_statements";

/** That an author took a record back: it was entered in error. */
export interface Retraction {
  /** Digest of the record, 32 bytes. */
  record: Uint8Array;
  /** Participant id of the patient in whose chart it is. */
  patient: number;
  /** Participant id of who retracted it; counts for a record of this author alone. */
  author: number;
  /** What the author anchored for it, 32 bytes; missing where only a statement says so. */
  anchored?: Uint8Array;
  /** Participant ids of the right patients whom the author told, in the author's own vault. */
  told?: readonly number[];
}

/** An author's signed statement about a retraction, as it is handed on. */
export interface RetractionStatement {
  /** What was signed, 32 bytes: names the statement. */
  digest: Uint8Array;
  /** Participant id of the patient to whom it is said. */
  patient: number;
  /** Digest of the record, 32 bytes; missing where the record stood in somebody else's chart. */
  record?: Uint8Array;
  /** The message and its signature. */
  signed: JsonValue;
}

interface Row {
  name: Uint8Array;
  sealed: Uint8Array;
}

type Encoded = { record: string; patient: number; author: number; anchored?: string; told?: number[] };

/** Which records were retracted, as the chain or their author says. What was once seen stays. */
export class Retractions {
  readonly #database: Database;
  readonly #sealer: Sealer;
  readonly #people: People;

  constructor(database: Database, sealer: Sealer, people: People) {
    this.#database = database;
    this.#sealer = sealer;
    this.#people = people;
  }

  /**
   * Notes a retraction; it is never taken back. Noting it again adds where it is anchored, and who was told. What the record
   * alone taught of the person whose chart it is in is forgotten: make sure that the author is the record's.
   *
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.retractions.note({ record: digest, patient: 17, author: 4, anchored: retractionDigest(manifest) });
   */
  note({ record, patient, author, anchored, told = [] }: Retraction): void {
    requireBytes(record, "record", 32);
    requireParticipant(patient, "patient");
    requireParticipant(author, "author");
    if (anchored !== undefined) requireBytes(anchored, "anchored", 32);
    for (const participant of told) requireParticipant(participant, "told");
    this.#database.transaction(() => {
      const name = this.#name(record, author);
      const before = this.get(record, author);
      const kept = anchored ?? before?.anchored;
      const all = [...new Set([...(before?.told ?? []), ...told])];
      const encoded: Encoded = {
        ...{ record: toHex(record), patient, author },
        ...(kept === undefined ? {} : { anchored: toHex(kept) }),
        ...(all.length === 0 ? {} : { told: all }),
      };
      this.#database.run(
        "INSERT INTO retractions VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
        name,
        this.#sealer.seal(PLACE, name, new TextEncoder().encode(JSON.stringify(encoded))),
      );
      this.#people.unlearn(record);
    });
  }

  /** Whether this author retracted this record (its digest, 32 bytes). */
  get(record: Uint8Array, author: number): Retraction | undefined {
    const name = this.#name(record, author);
    const row = this.#database.get<Row>("SELECT name, sealed FROM retractions WHERE name = ?", name);
    return row && this.#open(row);
  }

  /** All of them, or those of one patient's chart. */
  list({ patient }: { patient?: number } = {}): Retraction[] {
    const rows = this.#database.all<Row>("SELECT name, sealed FROM retractions ORDER BY name");
    return rows.map((row) => this.#open(row)).filter((one) => patient === undefined || one.patient === patient);
  }

  /** Keeps a statement that was checked. The same one again changes nothing. */
  putStatement({ digest, patient, record, signed }: RetractionStatement): void {
    requireBytes(digest, "digest", 32);
    requireParticipant(patient, "patient");
    if (record !== undefined) requireBytes(record, "record", 32);
    const encoded = { signed, ...(record === undefined ? {} : { record: toHex(record) }) };
    this.#database.run(
      `INSERT INTO retraction_statements (digest, patient, sealed) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING`,
      digest,
      patient,
      this.#sealer.seal(STATEMENT_PLACE, digest, new TextEncoder().encode(JSON.stringify(encoded))),
    );
  }

  /** The statements, of one patient's chart if given, in the order in which they came. */
  statements({ patient }: { patient?: number } = {}): RetractionStatement[] {
    const rows = this.#database.all<{ digest: Uint8Array; patient: number; sealed: Uint8Array }>(
      `SELECT digest, patient, sealed FROM retraction_statements
       WHERE ?1 IS NULL OR patient = ?1 ORDER BY sequence`,
      patient ?? null,
    );
    return rows.map(({ digest, patient: of, sealed }) => {
      const opened = new TextDecoder().decode(this.#sealer.open(STATEMENT_PLACE, digest, sealed));
      const { signed, record } = JSON.parse(opened) as { signed: JsonValue; record?: string };
      return { digest, patient: of, signed, ...(record === undefined ? {} : { record: fromHex(record) }) };
    });
  }

  // Which of the digests on chain were retracted isn't readable in the file.
  #name(record: Uint8Array, author: number): Uint8Array {
    requireBytes(record, "record", 32);
    return this.#sealer.tag(PLACE, toHex(record), author);
  }

  #open({ name, sealed }: Row): Retraction {
    const { record, patient, author, anchored, told } = JSON.parse(
      new TextDecoder().decode(this.#sealer.open(PLACE, name, sealed)),
    ) as Encoded;
    return {
      ...{ record: fromHex(record), patient, author },
      ...(anchored === undefined ? {} : { anchored: fromHex(anchored) }),
      ...(told === undefined ? {} : { told }),
    };
  }
}
