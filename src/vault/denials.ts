import type { Database } from "../sqlite/index.js";
import { requireInteger, requireParticipant, requireSteward } from "./input.js";

/** Whose grant, to whom, for what, of which category: one grant may be dead for a category and live for another. */
export interface GrantKey {
  /** Participant id of the patient. */
  patient: number;
  /** Participant id of the viewer. */
  viewer: number;
  /** Purpose of use, as its index in the contracts' enumeration. */
  purpose: number;
  /** Participant id of the steward, or 0 for any. */
  steward: number;
  /** Category of records, as its index in the contracts' enumeration. */
  category: number;
}

/** How often a grant was changed: by revoking everyone, this viewer, or writing the grant's word. */
export interface GrantState {
  accessEpoch: number;
  generation: number;
  version: number;
}

const MAX_COUNTER = 2 ** 32 - 1;
/** Below every real number: stands for all viewers, purposes, stewards or categories, and for "before the first". */
const EVERY = -1;

/** In the order of the table's columns, which begin with the key. */
type DenialRow = [
  patient: number,
  viewer: number,
  purpose: number,
  steward: number,
  category: number,
  accessEpoch: number,
  generation: number,
  version: number,
];

/**
 * Revocations that were seen once and hold for good, also when a reorganization takes them from the chain.
 *
 * A state is newer when its access epoch is; at the same epoch, when its generation is; at the same generation, when its
 * version is. They are compared in this order because the contracts start versions anew after the other two: a chain
 * that lost the revocation of a viewer shows a lower generation with a higher version, and that must stay denied.
 */
export class Denials {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Remembers that a category isn't granted, or no longer.
   *
   * @param revoked the grant's state without it, which is denied for this category with all before it
   * @throws `VAULT_INPUT_INVALID`
   */
  record(revoked: GrantKey & GrantState): void {
    requireGrant(revoked);
    const { patient, viewer, purpose, steward, category, accessEpoch, generation, version } = revoked;
    this.#raise(patient, viewer, purpose, steward, category, accessEpoch, generation, version);
  }

  /**
   * Remembers that all grants to a viewer were revoked.
   *
   * @param revoked the access epoch, and the generation after the revocation: grants before it are denied
   */
  recordViewer({
    patient,
    viewer,
    accessEpoch,
    generation,
  }: Omit<GrantKey & GrantState, "purpose" | "steward" | "category" | "version">): void {
    requireParticipant(patient, "patient");
    requireParticipant(viewer, "viewer");
    requireInteger(accessEpoch, "accessEpoch", 0, MAX_COUNTER);
    requireInteger(generation, "generation", 0, MAX_COUNTER);
    this.#raise(patient, viewer, EVERY, EVERY, EVERY, accessEpoch, generation, EVERY);
  }

  /**
   * Remembers that a patient revoked everyone.
   *
   * @param revoked the access epoch after the revocation: grants before it are denied
   */
  recordEveryone({ patient, accessEpoch }: Pick<GrantKey & GrantState, "patient" | "accessEpoch">): void {
    requireParticipant(patient, "patient");
    requireInteger(accessEpoch, "accessEpoch", 0, MAX_COUNTER);
    this.#raise(patient, EVERY, EVERY, EVERY, EVERY, accessEpoch, EVERY, EVERY);
  }

  /**
   * Whether a grant in this state was revoked once, for its category.
   *
   * @returns false when no revocation is known, or the state is newer than the newest one
   * @throws `VAULT_INPUT_INVALID`
   */
  blocks(grant: GrantKey & GrantState): boolean {
    requireGrant(grant);
    const { patient, viewer, purpose, steward, category, accessEpoch, generation, version } = grant;
    const denial = this.#database.get(
      `SELECT 1 FROM denials
       WHERE patient = ?1
         AND (viewer, purpose, steward, category) IN (VALUES
           (?2, ?3, ?4, ?5), (?2, ${EVERY}, ${EVERY}, ${EVERY}), (${EVERY}, ${EVERY}, ${EVERY}, ${EVERY}))
         AND (?6, ?7, ?8) <= (access_epoch, generation, version)`,
      patient,
      viewer,
      purpose,
      steward,
      category,
      accessEpoch,
      generation,
      version,
    );
    return denial !== undefined;
  }

  /** All rows, as eight numbers each, for a backup. */
  dump(): number[][] {
    return this.#database
      .all<Record<string, number>>("SELECT * FROM denials ORDER BY patient, viewer, purpose, steward, category")
      .map((row) => Object.values(row));
  }

  /** Takes rows of {@link dump}; none weakens what is known. */
  load(rows: readonly number[][]): void {
    this.#database.transaction(() => {
      for (const row of rows) this.#raise(...(row as DenialRow));
    });
  }

  #raise(...row: DenialRow): void {
    this.#database.run(
      `INSERT INTO denials VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET access_epoch = excluded.access_epoch, generation = excluded.generation, version = excluded.version
       WHERE (excluded.access_epoch, excluded.generation, excluded.version) > (access_epoch, generation, version)`,
      ...row,
    );
  }
}

function requireGrant({ patient, viewer, purpose, steward, category, ...state }: GrantKey & GrantState): void {
  requireParticipant(patient, "patient");
  requireParticipant(viewer, "viewer");
  requireInteger(purpose, "purpose", 0, 255);
  requireSteward(steward, "steward");
  requireInteger(category, "category", 0, 7);
  for (const name of ["accessEpoch", "generation", "version"] as const)
    requireInteger(state[name], name, 0, MAX_COUNTER);
}
