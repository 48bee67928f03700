import {
  type CompartmentKey,
  type CompartmentScope,
  decodeCompartmentKey,
  encodeCompartmentKey,
  nameOfKind,
  equalBytes,
} from "../crypto/index.js";
import { ChartChainError } from "../errors/index.js";
import { toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
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
export type CompartmentFilter = Partial<Pick<CompartmentScope, "patient" | "steward" | "category">>;

interface Row {
  id: Uint8Array;
  opened_at_block: number;
  source: number;
  sealed: Uint8Array;
}

const COLUMNS = "id, opened_at_block, source, sealed";

/**
 * The compartment keys, each with the viewers that ever could have got it. Neither categories nor classes are readable in the
 * file, nor what is confidential.
 *
 * What the owner made and what others gave stand apart: no key that somebody gave is written under, and none keeps
 * another giver's out. An id names a compartment of one patient and one steward only, since anybody can copy it.
 */
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
   * @throws `COMPARTMENT_CONFLICT` when the same source gave another key of this patient and steward with the same id, or
   *   with the same kind and round; the owner's own ids are refused twice in any scope
   * @throws `COMPARTMENT_SHREDDED`; `COMPARTMENT_KEY_MALFORMED`, `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.compartments.put(createCompartmentKey({ patient: 17, steward: 4, category: 2, round: 0 }), {
   *   openedAtBlock: 1200,
   *   source: "own",
   * });
   */
  put(compartmentKey: CompartmentKey, { openedAtBlock, source }: CompartmentOrigin): boolean {
    const { id, patient, steward, round } = compartmentKey;
    const encoded = encodeCompartmentKey(compartmentKey);
    requireInteger(openedAtBlock, "openedAtBlock");
    if (source !== "own") requireParticipant(source, "source");
    return this.#database.transaction(() => {
      this.#tombstones.requireCompartmentLives(id);
      const underId = this.#rowsOf(id, compartmentKey, source);
      const isHeld = underId.some((row) => equalBytes(this.#erasable.open(PLACE, row.id, row.sealed), encoded));
      if (isHeld) return false;
      const scope = this.#scopeTag(compartmentKey, source);
      const number = numberOf(source);
      const ofRound = this.#database.all<Row>(
        `SELECT ${COLUMNS} FROM compartments WHERE scope IN (?, ?) AND round = ?`,
        scope,
        this.#scopeTag(compartmentKey, "own"),
        round,
      );
      const first = this.#database.all<Row>(`SELECT ${COLUMNS} FROM compartments WHERE id = ?`, id);
      // The ids that are made here are random: none comes twice, in whatever scope.
      const rivals = [...underId, ...ofRound, ...(source === "own" ? first : [])];
      if (rivals.some((row) => row.source === number)) throw conflict(compartmentKey);
      this.#makeRoom(ofRound, compartmentKey);
      const rowId = first.length === 0 ? id : this.#idTag(id, compartmentKey, source);
      this.#database.run(
        "INSERT INTO compartments VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rowId,
        scope,
        round,
        patient,
        steward,
        openedAtBlock,
        number,
        this.#erasable.seal(PLACE, rowId, encoded),
      );
      return true;
    });
  }

  /** The compartment of that id (16 bytes): the first that came, whoever's it is. See {@link find}. */
  get(id: Uint8Array): StoredCompartment | undefined {
    requireBytes(id, "id", 16);
    const row = this.#database.get<Row>(`SELECT ${COLUMNS} FROM compartments WHERE id = ?`, id);
    return row && this.#open(row);
  }

  /**
   * The keys that may open an envelope of this patient and steward which names that id (16 bytes): the steward's own
   * first, then what others gave.
   *
   * @example
   * const keys = vault.compartments.find(envelope.compartmentId, { patient: 17, steward: 4 });
   */
  find(id: Uint8Array, scope: Pick<CompartmentScope, "patient" | "steward">): StoredCompartment[] {
    requireBytes(id, "id", 16);
    const keys = this.#rowsOf(id, scope).map((row) => this.#open(row));
    const isStewards = ({ source }: StoredCompartment): boolean => source === "own" || source === scope.steward;
    return [...keys.filter(isStewards), ...keys.filter((key) => !isStewards(key))];
  }

  /** The owner's own compartment of the highest round, into which new records go. */
  current(scope: Omit<CompartmentScope, "round">): StoredCompartment | undefined {
    const row = this.#database.get<Row>(
      `SELECT ${COLUMNS} FROM compartments WHERE scope = ? AND source = ${OWN} ORDER BY round DESC LIMIT 1`,
      this.#scopeTag(scope, "own"),
    );
    return row && this.#open(row);
  }

  /** All compartments that match, by patient, steward, kind and round. */
  list({ patient, steward, category }: CompartmentFilter = {}): StoredCompartment[] {
    const rows = this.#database.all<Row>(
      `SELECT ${COLUMNS} FROM compartments WHERE (?1 IS NULL OR patient = ?1) AND (?2 IS NULL OR steward = ?2)`,
      patient ?? null,
      steward ?? null,
    );
    return rows
      .map((row) => this.#open(row))
      .filter((compartment) => category === undefined || compartment.category === category)
      .sort(
        (a, b) =>
          a.patient - b.patient ||
          a.steward - b.steward ||
          a.category - b.category ||
          (a.classes ?? 0) - (b.classes ?? 0) ||
          Number(a.confidential ?? false) - Number(b.confidential ?? false) ||
          a.round - b.round,
      );
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

  /** Erases the keys of an id, whoever's they are. For `shred`; returns false when there was none. */
  erase(id: Uint8Array): boolean {
    const rows = this.#database.all<Row>(`SELECT ${COLUMNS} FROM compartments`);
    // One that shares its id with another stands under a tag: only its content says so.
    const found = rows.filter((row) => equalBytes(row.id, id) || equalBytes(this.#open(row).id, id));
    for (const row of found) {
      this.#erasable.erase(row.id);
      this.#database.run("DELETE FROM compartments WHERE id = ?", row.id);
    }
    return found.length > 0;
  }

  /** The rows of an id in a scope, from the sources that give keys: the owner, the patient, the steward, this one. */
  #rowsOf(id: Uint8Array, scope: Pick<CompartmentScope, "patient" | "steward">, source?: "own" | number): Row[] {
    const { patient, steward } = scope;
    const sources = new Set(["own" as const, patient, steward, ...(source === undefined ? [] : [source])]);
    const ids = [id, ...[...sources].map((each) => this.#idTag(id, scope, each))];
    const rows = ids.map((rowId) =>
      this.#database.get<Row>(
        `SELECT ${COLUMNS} FROM compartments WHERE id = ? AND patient = ? AND steward = ?`,
        rowId,
        patient,
        steward,
      ),
    );
    return rows.filter((row) => row !== undefined);
  }

  /** Takes keys that somebody gave, and that an earlier version kept where the owner's belong, out of the way. */
  #makeRoom(rows: readonly Row[], compartmentKey: CompartmentKey): void {
    for (const { id, source } of rows) {
      if (source === OWN) continue;
      const scope = this.#scopeTag(compartmentKey, source);
      this.#database.run("UPDATE compartments SET scope = ? WHERE id = ?", scope, id);
    }
  }

  /** Whose the rounds are that are counted together: a giver's apart from the owner's and from every other giver's. */
  #scopeTag(scope: Omit<CompartmentScope, "round">, source: "own" | number): Uint8Array {
    const { patient, steward, record } = scope;
    const of = [patient, steward, nameOfKind(scope), ...(source === "own" ? [] : [source])];
    return this.#sealer.tag(PLACE, ...of, ...(record === undefined ? [] : [toHex(record)]));
  }

  /** What stands in the place of an id that another key has already. */
  #idTag(
    id: Uint8Array,
    { patient, steward }: Pick<CompartmentScope, "patient" | "steward">,
    source: "own" | number,
  ): Uint8Array {
    return this.#sealer.tag("compartments of a taken id", toHex(id), patient, steward, numberOf(source));
  }

  #open({ id, opened_at_block: openedAtBlock, source, sealed }: Row): StoredCompartment {
    const compartmentKey = decodeCompartmentKey(this.#erasable.open(PLACE, id, sealed));
    return { ...compartmentKey, openedAtBlock, source: source === OWN ? "own" : source };
  }
}

const numberOf = (source: "own" | number): number => (source === "own" ? OWN : source);

function conflict({ id, patient, steward, round }: CompartmentKey): ChartChainError {
  return new ChartChainError("COMPARTMENT_CONFLICT", "the vault holds another key for this compartment", {
    details: { compartment: toHex(id), patient, steward, round },
    hint: "Two writers opened the same round, or the key is forged: keep the one that the steward signed for.",
  });
}
