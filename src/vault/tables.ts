import type { Database } from "../sqlite/index.js";
import { type AccessTables, accessTables } from "./access.js";
import { Additions } from "./additions.js";
import { Anchors } from "./anchors.js";
import { AuthorSignatures } from "./author-signatures.js";
import { Batches } from "./batches.js";
import { type VaultChain, readChain } from "./chain.js";
import { Compartments } from "./compartments.js";
import { Cursors } from "./cursors.js";
import { Decisions } from "./decisions.js";
import { Denials } from "./denials.js";
import { Envelopes } from "./envelopes.js";
import type { Erasable } from "./erasable.js";
import { Identity } from "./identity.js";
import { Inbox } from "./inbox.js";
import { People } from "./people.js";
import { Pins } from "./pins.js";
import { Releases } from "./releases.js";
import { Retractions } from "./retractions.js";
import type { Sealer } from "./sealer.js";
import { Settings } from "./settings.js";
import { Tombstones } from "./tombstones.js";
import { Transactions } from "./transactions.js";
import { Worklist } from "./worklist.js";

/** Everything that a vault holds, table by table. */
export class Tables {
  readonly identity: Identity;
  readonly compartments: Compartments;
  readonly envelopes: Envelopes;
  readonly additions: Additions;
  readonly tombstones: Tombstones;
  readonly pins: Pins;
  readonly releases: Releases;
  readonly denials: Denials;
  readonly anchors: Anchors;
  readonly batches: Batches;
  readonly authorSignatures: AuthorSignatures;
  readonly cursors: Cursors;
  readonly transactions: Transactions;
  readonly inbox: Inbox;
  /** What decides who may see something, and whose word is taken. */
  readonly access: AccessTables;
  /** Preferences, documents that are held against the chain when they are used, and how far something came. Nobody's access. */
  readonly settings: Settings;
  readonly people: People;
  readonly worklist: Worklist;
  readonly decisions: Decisions;
  readonly retractions: Retractions;
  readonly #database: Database;

  constructor(database: Database, sealer: Sealer, erasable: Erasable) {
    this.#database = database;
    this.identity = new Identity(database, sealer);
    this.tombstones = new Tombstones(database);
    this.compartments = new Compartments(database, sealer, erasable, this.tombstones);
    this.envelopes = new Envelopes(database, sealer, erasable, this.tombstones);
    this.pins = new Pins(database, sealer, erasable, this.tombstones);
    this.releases = new Releases(database, sealer);
    this.denials = new Denials(database);
    this.anchors = new Anchors(database);
    this.batches = new Batches(database, sealer);
    this.authorSignatures = new AuthorSignatures(database, sealer);
    this.cursors = new Cursors(database);
    this.transactions = new Transactions(database, sealer);
    this.inbox = new Inbox(database);
    this.access = accessTables(database, sealer);
    this.settings = new Settings(database, sealer);
    this.additions = new Additions(database, this.settings);
    this.people = new People(database, sealer, erasable);
    this.worklist = new Worklist(database, sealer, erasable);
    this.decisions = new Decisions(database, sealer);
    this.retractions = new Retractions(database, sealer, this.people);
  }

  /** The chain and contracts that the vault is for. */
  get chain(): VaultChain {
    return readChain(this.#database);
  }

  /**
   * Runs `work` so that all of what it stores is kept, or nothing. A shredding in it erases when this returns.
   *
   * @param work synchronous; await everything before
   * @throws `VAULT_TRANSACTION_ASYNC` when it returns a promise, and whatever it throws
   *
   * @example
   * vault.transaction(() => {
   *   vault.compartments.put(compartmentKey, { openedAtBlock, source: 4 });
   *   for (const envelope of envelopes) vault.envelopes.put(envelope);
   * });
   */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }
}
