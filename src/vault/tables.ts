import type { AccessTables } from "./access.js";
import type { Additions } from "./additions.js";
import type { Anchors } from "./anchors.js";
import type { AuthorSignatures } from "./author-signatures.js";
import type { Batches } from "./batches.js";
import type { VaultChain } from "./chain.js";
import type { Compartments } from "./compartments.js";
import type { Cursors } from "./cursors.js";
import type { Decisions } from "./decisions.js";
import type { Denials } from "./denials.js";
import type { Envelopes } from "./envelopes.js";
import type { Identity } from "./identity.js";
import type { Inbox } from "./inbox.js";
import type { People } from "./people.js";
import type { Pins } from "./pins.js";
import type { Releases } from "./releases.js";
import type { Retractions } from "./retractions.js";
import type { Settings } from "./settings.js";
import type { Tombstones } from "./tombstones.js";
import type { Transactions } from "./transactions.js";
import type { Worklist } from "./worklist.js";

/** Everything that a vault holds, table by table. */
export interface Tables {
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
  readonly chain: VaultChain;
  transaction<T>(work: () => T): T;
}
