import { type IdentityKeyPair, deriveKeyPair, generateSeed, wipe, SEED_LENGTH } from "../crypto/index.js";
import { ChartChainError } from "../errors/index.js";
import type { Database } from "../sqlite/index.js";
import { requireBytes, requireInteger, requireParticipant } from "./input.js";
import { readMeta, writeMeta } from "./meta.js";
import type { Sealer } from "./sealer.js";

const PLACE = "identity_seeds";
const MAX_KEY_VERSION = 2 ** 32 - 1;

/** The Registrar gives a new participant's first key this version. */
export const FIRST_KEY_VERSION = 1;

/** Who the vault's owner is: participant id and a seed for each version of the encryption key. */
export class Identity {
  readonly #database: Database;
  readonly #sealer: Sealer;
  readonly #keyPairs = new Map<number, Promise<IdentityKeyPair>>();

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
    // A seed that was rolled back may be replaced by another one of the same version.
    database.onRollback(() => this.#keyPairs.clear());
  }

  /** The owner's participant id, once {@link setParticipant} was told it. */
  get participant(): number | undefined {
    return readMeta<number>(this.#database, "participant");
  }

  /**
   * Keeps the owner's participant id, known after registration.
   *
   * @throws `VAULT_IDENTITY_CONFLICT` when the vault belongs to another participant; `VAULT_INPUT_INVALID`
   */
  setParticipant(participant: number): void {
    requireParticipant(participant, "participant");
    const known = this.participant;
    if (known !== undefined && known !== participant) {
      throw identityConflict(`it belongs to participant ${known}, not ${participant}`);
    }
    writeMeta(this.#database, "participant", participant);
  }

  /** The version of the key that others seal to now. */
  get keyVersion(): number {
    return readMeta<number>(this.#database, "key_version") ?? FIRST_KEY_VERSION;
  }

  /** All versions that there is a seed for, in order. */
  keyVersions(): number[] {
    const rows = this.#database.all<{ version: number }>("SELECT version FROM identity_seeds ORDER BY version");
    return rows.map(({ version }) => version);
  }

  /**
   * Keeps the seed of a further key, before it is published. Earlier ones stay, since old wraps are sealed to them.
   *
   * @param version as the Registrar will count it
   * @param seed 32 bytes; a fresh one by default
   * @throws `VAULT_IDENTITY_CONFLICT` when that version has another seed; `VAULT_INPUT_INVALID`
   */
  addKeyVersion(version: number, seed: Uint8Array = generateSeed()): void {
    requireInteger(version, "version", 0, MAX_KEY_VERSION);
    requireBytes(seed, "seed", SEED_LENGTH);
    if (this.keyVersions().includes(version)) throw identityConflict(`there is a seed of key version ${version}`);
    this.#database.run("INSERT INTO identity_seeds VALUES (?, ?)", version, this.#sealer.seal(PLACE, version, seed));
  }

  /**
   * Puts a fresh seed in place of one that doesn't count yet: somebody else may know that one.
   *
   * @throws `VAULT_IDENTITY_CONFLICT` for the version that others seal to and those before it, `VAULT_KEY_VERSION_UNKNOWN`
   */
  replaceKeyVersion(version: number): void {
    wipe(this.seed(version));
    if (version <= this.keyVersion) throw identityConflict(`key version ${version} is sealed to already`);
    const sealed = this.#sealer.seal(PLACE, version, generateSeed());
    this.#database.run("UPDATE identity_seeds SET sealed = ? WHERE version = ?", sealed, version);
    this.#keyPairs.delete(version);
  }

  /**
   * Says which key others seal to, once its change took effect on chain.
   *
   * @throws `VAULT_KEY_VERSION_UNKNOWN` when there is no seed for it
   */
  useKeyVersion(version: number): void {
    wipe(this.seed(version));
    writeMeta(this.#database, "key_version", version);
  }

  /**
   * The seed of one key version, 32 bytes; {@link wipe} it after use.
   *
   * @throws `VAULT_KEY_VERSION_UNKNOWN`
   */
  seed(version: number = this.keyVersion): Uint8Array {
    requireInteger(version, "version", 0, MAX_KEY_VERSION);
    const row = this.#database.get<{ sealed: Uint8Array }>(
      "SELECT sealed FROM identity_seeds WHERE version = ?",
      version,
    );
    if (row === undefined) {
      throw new ChartChainError("VAULT_KEY_VERSION_UNKNOWN", `the vault has no key of version ${version}`, {
        details: { version, known: this.keyVersions() },
        hint: "Ask for a new wrap to the current key version, or open the vault that has the older one.",
      });
    }
    return this.#sealer.open(PLACE, version, row.sealed);
  }

  /**
   * The key pair of one key version, derived once.
   *
   * @throws `VAULT_KEY_VERSION_UNKNOWN`
   *
   * @example
   * const keyPair = await vault.identity.keyPair(wrap.keyVersion);
   * const compartmentKey = await unwrapCompartmentKey(wrap, keyPair, { participant });
   */
  async keyPair(version: number = this.keyVersion): Promise<IdentityKeyPair> {
    let keyPair = this.#keyPairs.get(version);
    if (keyPair === undefined) {
      const seed = this.seed(version);
      keyPair = deriveKeyPair(seed).finally(() => wipe(seed));
      this.#keyPairs.set(version, keyPair);
    }
    return keyPair;
  }
}

function identityConflict(reason: string): ChartChainError {
  return new ChartChainError("VAULT_IDENTITY_CONFLICT", `the vault has another identity: ${reason}`, {
    details: { reason },
    hint: "Use one home folder per participant; a key change needs the next free key version.",
  });
}
