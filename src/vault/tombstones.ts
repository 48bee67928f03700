import { ChartChainError } from "../errors/index.js";
import { toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
import { requireBytes } from "./input.js";

/** What a tombstone stands for. */
export type TombstoneKind = "record" | "compartment";

/** What remains of something shredded. */
export interface Tombstone {
  /** Digest of a record (32 bytes) or id of a compartment (16 bytes). */
  id: Uint8Array;
  kind: TombstoneKind;
  /** When it was shredded, in seconds since 1970. */
  at: number;
}

/** What was shredded and may never come back. */
export class Tombstones {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The tombstone of a record's digest or a compartment's id. */
  get(id: Uint8Array): Tombstone | undefined {
    requireBytes(id, "id");
    return this.#database.get<Tombstone>("SELECT id, kind, at FROM tombstones WHERE id = ?", id);
  }

  /** True when a record's digest or a compartment's id was shredded. */
  has(id: Uint8Array): boolean {
    return this.get(id) !== undefined;
  }

  /** All of them, oldest first. */
  list(): Tombstone[] {
    return this.#database.all<Tombstone>("SELECT id, kind, at FROM tombstones ORDER BY at, id");
  }

  /**
   * Leaves one; an earlier one of the same id stays. It erases nothing by itself: that is what `shred` is for.
   *
   * @returns the one that stands
   */
  add({ id, kind, at }: Tombstone): Tombstone {
    this.#database.run("INSERT INTO tombstones VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, kind, at);
    return this.get(id) as Tombstone;
  }

  /** Throws `RECORD_SHREDDED` when the record was shredded. */
  requireRecordLives(digest: Uint8Array): void {
    if (!this.has(digest)) return;
    throw new ChartChainError("RECORD_SHREDDED", `the record was shredded by this holder: ${toHex(digest)}`, {
      details: { digest: toHex(digest) },
      hint: "It is refused for ever. If it must come back, the steward anchors it as a new record.",
    });
  }

  /** Throws `COMPARTMENT_SHREDDED` when the compartment was shredded. */
  requireCompartmentLives(id: Uint8Array): void {
    if (!this.has(id)) return;
    throw new ChartChainError("COMPARTMENT_SHREDDED", `the compartment was shredded by this holder: ${toHex(id)}`, {
      details: { compartment: toHex(id) },
      hint: "Its key and envelopes are refused for ever. New records go into a new round.",
    });
  }
}
