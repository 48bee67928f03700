export type { AcceptedParticipant, AccessTables, KeyDocumentSignature, SeenTerms, SignedStatement } from "./access.js";
export type { AddedContent, Addition, Additions, AdditionState } from "./additions.js";
export { lastPlaceOf } from "./anchors.js";
export type { Anchors, VerifiedAnchor } from "./anchors.js";
export type { AnchorStatement, AuthorSignature, AuthorSignatures } from "./author-signatures.js";
export type { Batches } from "./batches.js";
export type { VaultChain } from "./chain.js";
export { preparePassphraseChangeAt } from "./change-passphrase.js";
export type { ChangePassphraseOptions, PassphraseChange } from "./change-passphrase.js";
export type { CompartmentFilter, CompartmentOrigin, Compartments, StoredCompartment } from "./compartments.js";
export type { Cursor, Cursors } from "./cursors.js";
export type { Decision, Decisions, LoggedDecision } from "./decisions.js";
export type { Denials, GrantKey, GrantState } from "./denials.js";
export type {
  Anchor,
  EnvelopeEntry,
  EnvelopeFilter,
  EnvelopeStatus,
  Envelopes,
  NewEnvelope,
  StoredEnvelope,
} from "./envelopes.js";
export { FIRST_KEY_VERSION } from "./identity.js";
export type { Identity } from "./identity.js";
export type { Inbox } from "./inbox.js";
export { openVaultAt, restoreVaultAt } from "./open-vault.js";
export type { RestoreOptions, UnlockOptions, VaultPlace } from "./open-vault.js";
export type { People } from "./people.js";
export type { DuePack, PinNote, Pins, Unpin } from "./pins.js";
export type { RecordMetadata } from "./record-metadata.js";
export { decodeRelease, encodeRelease } from "./release-entry.js";
export type { Release } from "./release-entry.js";
export type { LoggedRelease, Releases } from "./releases.js";
export type { Retraction, RetractionStatement, Retractions } from "./retractions.js";
export type { JsonValue, Settings } from "./settings.js";
export type { SealedTable } from "./sealed-table.js";
export type { CompartmentShredReceipt, ShredOptions, ShredReceipt } from "./shred.js";
export type { Tombstone, TombstoneKind, Tombstones } from "./tombstones.js";
export type {
  JournaledTransaction,
  NewTransaction,
  Settlement,
  TransactionStatus,
  Transactions,
} from "./transactions.js";
export type { PassphraseSource } from "./vault-lock.js";
export type { Vault } from "./vault.js";
export { unwritableVault } from "./vault-errors.js";
export { WORKLIST_INPUT_LIMIT, WORKLIST_LIMIT } from "./worklist.js";
export type { NewWorklistItem, Worklist, WorklistEntry, WorklistItem } from "./worklist.js";
