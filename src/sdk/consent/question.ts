import type { NodeAnswer } from "../chain/node.js";
import type { Category, Purpose } from "../vocabulary.js";
import type { RecordFacts } from "./record-facts.js";

/** A record that is asked for. */
export interface AskedRecord {
  digest: string;
  /**
   * What it says of itself; asked for only where a constraint is about that. "unseen" where it isn't here yet: then only the
   * rest is asked.
   */
  facts?: (() => Promise<RecordFacts | undefined>) | "unseen";
  /** What it is filed under; `decide` names the question's. */
  category?: Category;
  /** The classes that whoever wrote it noted beside it: what it refers to may be sensitive, and not itself. */
  noted?: readonly string[];
}

/** Who wants to see what of whom, and why. */
export interface Question {
  patient: number;
  /** Who keeps the records; the patient for self-reported ones. */
  steward: number;
  viewer: number;
  category: Category;
  purpose: Purpose;
  /** Whether it is care that the patient consented to alone, as a minor: no word of who acts for the patient opens that. */
  confidential?: boolean | undefined;
  /** Which record, where it is about one: a grant with a constraint, and a broken glass, say yes to single records alone. */
  record?: AskedRecord;
  /** A broken glass doesn't count: what it doesn't show goes out where something else opens it. */
  withoutGlass?: true;
  /** What a module releases keys for, where it does; it knows what the number means. */
  occasion?: Occasion;
}

/** What a module releases keys for. */
export interface Occasion {
  /** The module's name. */
  module: string;
  number: number;
}

/** Why access is denied. */
export type DenialReason =
  /**
   * A minor consented to this care alone. Until it comes of age it is its steward's, and an emergency's; afterwards also whose
   * grant is the patient's own.
   */
  | "CONFIDENTIAL"
  /** The chain's head says no: never granted, revoked, expired, or a licence isn't live. */
  | "NOT_GRANTED"
  /** The head says yes, the final block doesn't yet. */
  | "NOT_FINAL"
  /** The local clock says that the grant has expired. */
  | "EXPIRED_LOCALLY"
  /**
   * A constraint narrows the grant, and this vault doesn't hold its newest file, it doesn't admit the record, or the
   * question isn't about one.
   */
  | "CONSTRAINED"
  /** The glass is broken, which opens single records, and the question isn't about one. */
  | "SINGLE_RECORDS"
  /** No module of this client knows whether a release for this purpose has to wait. */
  | "MODULE_MISSING"
  /** A revocation or a dismissal was seen before; a reorganisation took it out of the chain again. */
  | "REVOKED_BEFORE"
  /** The node is behind what was already seen, or is still syncing. */
  | "NODE_BEHIND"
  /** Of several nodes, one says otherwise about the same block: it lies, or is on another fork. */
  | "NODES_DISAGREE"
  /** Of several nodes, fewer answer than the client demands. */
  | "NODES_MISSING";

/** An answer, and the head it was read at. */
export interface Decision {
  allowed: boolean;
  /** {@link DenialReason}, or a module's own. */
  reason: DenialReason | (string & {}) | undefined;
  block: { number: number; hash: string };
  /** What each node said, where several were asked. */
  nodes?: NodeAnswer[];
}
