import { encode } from "@ipld/dag-cbor";
import type { Database } from "../sqlite/index.js";
import { requireBytes, requireParticipant } from "./input.js";
import type { Settings } from "./settings.js";
import { hmacSha256, randomBytes, concatBytes } from "../crypto/index.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

const SECRET = "content-secret";
const LABEL = new TextEncoder().encode("ChartChain/content-key/v1\0");
const BATCH_LABEL = new TextEncoder().encode("ChartChain/batch-secret/v1\0");

/**
 * How far a record came that this vault's owner adds. `sealed`: no transaction left for it but one of the journal;
 * `waiting`: the same, and it is to be anchored later, with others; `sending`: a transaction may have left that the journal
 * doesn't know; `anchored`: done, for good.
 */
export type AdditionState = "sealed" | "waiting" | "sending" | "anchored";

/** A record that this vault's owner added, or was adding. */
export interface Addition {
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  /** What {@link Additions.keyOf} gave for its content, 32 bytes. */
  content: Uint8Array;
  state: AdditionState;
}

/** What a record says, as far as it matters for whether it says the same as another one. */
export interface AddedContent {
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of who writes it. */
  author: number;
  /** SHA-256 of the content in its canonical form, 32 bytes. */
  content: Uint8Array;
  /** Digest (32 bytes) of the record that it replaces. */
  amends?: Uint8Array | undefined;
  /** Digest (32 bytes) of the record that it contradicts. */
  disputes?: Uint8Array | undefined;
}

/**
 * The records that this vault's owner added: by content, so that the same isn't added twice, and how far each came, so
 * that none is left behind half-done. A row is written before anything of the record is pinned.
 *
 * Contents are known by an HMAC (RFC 2104) under a secret of this vault: who opens the file without its passphrase can't
 * try what is in it. Shredding a record deletes its row. The secret travels in backups, as the rows do.
 */
export class Additions {
  readonly #database: Database;
  readonly #settings: Settings;

  constructor(database: Database, settings: Settings) {
    this.#database = database;
    this.#settings = settings;
  }

  /**
   * The content key of a record: the same for the same patient, author, content and record that it amends or disputes.
   *
   * @returns 32 bytes
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * const key = vault.additions.keyOf({ patient: 17, author: 4, content: sha256(bytes) });
   */
  keyOf({ patient, author, content, amends, disputes }: AddedContent): Uint8Array {
    requireParticipant(patient, "patient");
    requireParticipant(author, "author");
    requireBytes(content, "content", 32);
    const said = encode({ patient, author, content, amends: amends ?? null, disputes: disputes ?? null });
    return hmacSha256(this.#secret(), concatBytes(LABEL, said));
  }

  /**
   * What batches of a patient's waiting records are made with, so that a copy of this vault makes the same batch of the same
   * records: 32 bytes that nobody else knows.
   */
  batchSecret(patient: number): Uint8Array {
    requireParticipant(patient, "patient");
    return hmacSha256(this.#secret(), concatBytes(BATCH_LABEL, encode(patient)));
  }

  /** Notes a record that is about to be pinned. Call it in the transaction that keeps its envelope. */
  begin({ digest, content }: Omit<Addition, "state">): void {
    this.adopt({ digest, content, state: "sealed" });
  }

  /** Notes that the record is to be anchored later. */
  wait(digest: Uint8Array): void {
    this.#set(digest, "waiting");
  }

  /** Notes that a transaction may leave now that the journal doesn't know. */
  sending(digest: Uint8Array): void {
    this.#set(digest, "sending");
  }

  /** Notes that the record is anchored. */
  finish(digest: Uint8Array): void {
    this.#set(digest, "anchored");
  }

  /** The records of a content key, those that are anchored first. */
  find(content: Uint8Array): Addition[] {
    requireBytes(content, "content", 32);
    return this.#database.all<Addition>(
      "SELECT digest, content, state FROM additions WHERE content = ? ORDER BY state <> 'anchored', digest",
      content,
    );
  }

  /** The records that were begun and not yet seen anchored, by digest. */
  unfinished(): Addition[] {
    return this.#database.all<Addition>(
      "SELECT digest, content, state FROM additions WHERE state <> 'anchored' ORDER BY digest",
    );
  }

  /** All of them, by digest. */
  list(): Addition[] {
    return this.#database.all<Addition>("SELECT digest, content, state FROM additions ORDER BY digest");
  }

  /** Takes in a row as it is, from a backup. */
  adopt({ digest, content, state }: Addition): void {
    requireBytes(digest, "digest", 32);
    requireBytes(content, "content", 32);
    this.#database.run("INSERT INTO additions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", digest, content, state);
  }

  #set(digest: Uint8Array, state: AdditionState): void {
    requireBytes(digest, "digest", 32);
    this.#database.run("UPDATE additions SET state = ? WHERE digest = ?", state, digest);
  }

  #secret(): Uint8Array {
    const held = this.#settings.get(SECRET);
    if (typeof held === "string") return hexToBytes(held);
    const secret = randomBytes(32);
    this.#settings.set(SECRET, bytesToHex(secret));
    return secret;
  }
}
