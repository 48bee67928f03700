import {
  type CompartmentKey,
  type CompartmentScope,
  decodeCompartmentKey,
  encodeCompartmentKey,
} from "../crypto/index.js";
import { ChartChainError } from "../errors/index.js";
import { sameBytes, toHex } from "./bytes.js";
import type { Database } from "./database.js";
import type { Erasable } from "./erasable.js";
import { requireBytes, requireInteger, requireParticipant } from "./input.js";
import type { Sealer } from "./sealer.js";
import type { Tombstones } from "./tombstones.js";

const PLACE = "compartments";
const OWN = 0;

/** How a compartment key came into the vault. */
export interface CompartmentOrigin {
  /** Number of the head block when the compartment was opened. */
  openedAtBlock: number;
  /** "own" when this vault's owner made the key, else the participant id of who gave it. */
  source: "own" | number;
}

/** A compartment key with its origin. */
export type StoredCompartment = CompartmentKey & CompartmentOrigin;

/** What to list; what is left out is not asked for. */
export type CompartmentFilter = Partial<Omit<CompartmentScope, "round">>;

interface Row {
  id: Uint8Array;
  opened_at_block: number;
  source: number;
  sealed: Uint8Array;
}

const COLUMNS = "id, opened_at_block, source, sealed";

/** The compartment keys, each with the viewers that ever could have got it. Categories are not readable in the file. */
export class Compartments {
  readonly #database: Database;
  readonly #sealer: Sealer;
  readonly #erasable: Erasable;
  readonly #tombstones: Tombstones;

  constructor(database: Database, sealer: Sealer, erasable: Erasable, tombstones: Tombstones) {
    this.#database = database;
    this.#sealer = sealer;
    this.#erasable = erasable;
    this.#tombstones = tombstones;
  }

  /**
   * Keeps a compartment key.
   *
   * @returns false when exactly this key is there already; its origin stays as it was
   * @throws `COMPARTMENT_CONFLICT` when another key has the same id, or the same patient, steward, category and round
   * @throws `COMPARTMENT_SHREDDED`; `COMPARTMENT_KEY_MALFORMED`, `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.compartments.put(createCompartmentKey({ patient: 17, steward: 4, category: 2, round: 0 }), {
   *   openedAtBlock: 1200,
   *   source: "own",
   * });
   */
  put(compartmentKey: CompartmentKey, { openedAtBlock, source }: CompartmentOrigin): boolean {
    const { id, patient, steward, category, round, key } = compartmentKey;
    const encoded = encodeCompartmentKey({ id, patient, steward, category, round, key });
    requireInteger(openedAtBlock, "openedAtBlock");
    if (source !== "own") requireParticipant(source, "source");
    return this.#database.transaction(() => {
      this.#tombstones.requireCompartmentLives(id);
      const scope = this.#scopeTag(compartmentKey);
      const held = this.#database.get<Row>(
        `SELECT ${COLUMNS} FROM compartments WHERE id = ? OR (scope = ? AND round = ?)`,
        id,
        scope,
        round,
      );
      if (held !== undefined) {
        if (sameBytes(held.id, id) && sameBytes(this.#erasable.open(PLACE, id, held.sealed), encoded)) return false;
        throw conflict(compartmentKey);
      }
      this.#database.run(
        "INSERT INTO compartments VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        id,
        scope,
        round,
        patient,
        steward,
        openedAtBlock,
        source === "own" ? OWN : source,
        this.#erasable.seal(PLACE, id, encoded),
      );
      return true;
    });
  }

  /** The compartment of that id (16 bytes). */
  get(id: Uint8Array): StoredCompartment | undefined {
    requireBytes(id, "id", 16);
    const row = this.#database.get<Row>(`SELECT ${COLUMNS} FROM compartments WHERE id = ?`, id);
    return row && this.#open(row);
  }

  /** The compartment of the highest round, into which new records go. */
  current(scope: Omit<CompartmentScope, "round">): StoredCompartment | undefined {
    const row = this.#database.get<Row>(
      `SELECT ${COLUMNS} FROM compartments WHERE scope = ? ORDER BY round DESC LIMIT 1`,
      this.#scopeTag(scope),
    );
    return row && this.#open(row);
  }

  /** All compartments that match, by patient, steward, category and round. */
  list({ patient, steward, category }: CompartmentFilter = {}): StoredCompartment[] {
    const rows = this.#database.all<Row>(
      `SELECT ${COLUMNS} FROM compartments WHERE (?1 IS NULL OR patient = ?1) AND (?2 IS NULL OR steward = ?2)`,
      patient ?? null,
      steward ?? null,
    );
    return rows
      .map((row) => this.#open(row))
      .filter((compartment) => category === undefined || compartment.category === category)
      .sort((a, b) => a.patient - b.patient || a.steward - b.steward || a.category - b.category || a.round - b.round);
  }

  /**
   * Notes viewers who may have got this round's key, before it is handed to them. A note is never taken back.
   *
   * @param viewers participant ids
   * @throws `VAULT_INPUT_INVALID`
   */
  addExposed(id: Uint8Array, viewers: Iterable<number>): void {
    requireBytes(id, "id", 16);
    this.#database.transaction(() => {
      for (const viewer of viewers) {
        requireParticipant(viewer, "viewer");
        this.#database.run("INSERT INTO exposures VALUES (?, ?) ON CONFLICT DO NOTHING", id, viewer);
      }
    });
  }

  /** Participant ids of all viewers who ever may have got this round's key. One lost access: open a new round. */
  exposed(id: Uint8Array): Set<number> {
    requireBytes(id, "id", 16);
    const rows = this.#database.all<{ viewer: number }>(
      "SELECT viewer FROM exposures WHERE compartment = ? ORDER BY viewer",
      id,
    );
    return new Set(rows.map(({ viewer }) => viewer));
  }

  #scopeTag({ patient, steward, category }: Omit<CompartmentScope, "round">): Uint8Array {
    return this.#sealer.tag(PLACE, patient, steward, category);
  }

  #open({ id, opened_at_block: openedAtBlock, source, sealed }: Row): StoredCompartment {
    const compartmentKey = decodeCompartmentKey(this.#erasable.open(PLACE, id, sealed));
    return { ...compartmentKey, openedAtBlock, source: source === OWN ? "own" : source };
  }
}

function conflict({ id, patient, steward, round }: CompartmentKey): ChartChainError {
  return new ChartChainError("COMPARTMENT_CONFLICT", "the vault holds another key for this compartment", {
    details: { compartment: toHex(id), patient, steward, round },
    hint: "Two writers opened the same round, or the key is forged: keep the one that the steward signed for.",
  });
}
