import type { Sent } from "../chain/transactions.js";
import type { Category, SensitivityClass } from "../vocabulary.js";

/** What to add. */
export interface RecordInput {
  /** The patient's participant id. */
  patient: number;
  category: Category;
  /** The plaintext; a function that streams it, where it is large. It is asked for more than once. */
  content: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Size in bytes; needed where `content` streams. */
  size?: number;
  /** RFC 6838; `application/fhir+json` when left out. */
  mediaType?: string;
  /**
   * Of a SENSITIVE record, which classes of sensitive data it holds: only who holds keys for all of them opens it. What FHIR
   * content says itself when left out; OTHER where nothing tells.
   */
  sensitivities?: readonly SensitivityClass[];
  /**
   * True for care that a minor consented to alone: nobody who acts for the patient gets the record or hears of it. Until the
   * patient has come of age it is its steward's, and an emergency's. What amends or disputes such a record is one, too, and so is
   * the same content once more.
   */
  confidential?: boolean;
  /** Digest of the record that this one replaces. */
  amends?: string;
  /** Digest of the record that this one contradicts. */
  disputes?: string;
  /** True to add the same content once more, as another record. */
  again?: boolean;
  /** Leaves the anchoring to `anchorWaiting`, see {@link AdditionsInput.spread}. */
  spread?: number;
  /** Stops it as long as no transaction has left; nothing of the record remains then. */
  signal?: AbortSignal;
  /** A person's reason to take it although it contradicts what is known of this one; logged. */
  override?: string;
}

/** A record that is anchored, or waits for that. */
export interface AddedRecord extends Partial<Sent> {
  /** True when the same content was added before: nothing was sealed or sent, and there is no receipt. */
  alreadyThere: boolean;
  /** Digest of the record's manifest: its name everywhere. */
  digest: string;
  /** CID of the pack that it lies in. */
  cid: string;
  /** What it is filed under; of one that was there already, perhaps not what was asked for now. */
  category: Category;
  /** Care that a minor consented to alone; of one that was there already, perhaps not what was asked for now. */
  confidential: boolean;
  /** Place in the patient's history, from 1; 0 while it waits to be anchored. */
  index: number;
  round: number;
  /** True when a new round was opened: its key has to be delivered to the patient and to {@link members}. */
  roundOpened: boolean;
  /** The viewers who are entitled to the category now; empty for one that was there already. */
  members: number[];
  /** What says too little, or something else, of whose data it is, in words for a person; left out where nothing does. */
  warnings?: string[];
}

/** What to add to a chart at once. */
export interface AdditionsInput {
  /** The patient's participant id. */
  patient: number;
  records: readonly Omit<RecordInput, "patient" | "signal" | "spread">[];
  /**
   * Seals, stores and pins the records now and leaves anchoring them to `anchorWaiting`, from a moment on that is chosen at
   * random within so many seconds, once for all that waits of this patient: who watches doesn't tell by the time which file is
   * whose. Nobody can be given them before. 0 to let them wait for the next call.
   */
  spread?: number;
  /** Stops it: what was anchored by then stays, and nothing remains of the others. */
  signal?: AbortSignal;
  /** Is told of each record that was there before or is anchored, with its place in `records`, and waited for. */
  onAdded?: (added: AddedRecord, at: number) => Promise<void> | void;
}
