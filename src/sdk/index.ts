export { ChartChainError, isChartChainError, type ErrorCode } from "../errors/index.js";
export { actions } from "./actions.js";
export type { AccessOf, StandingGrant } from "./consent/access-of.js";
export type { AccountInfo, JoiningFile } from "./people/accounts.js";
export type { AddedRecord, AdditionsInput, RecordInput } from "./records/added-record.js";
export type { AnchoredPatient, AnchoredWaiting, StillWaiting } from "./records/anchor-waiting.js";
export type { Approval } from "./relationships/approve-relationship.js";
export type { ConsentChanges, RevocationEntry } from "./consent/change-consents.js";
export type { RelationshipWith, SignedRelationshipWith } from "./relationships/change-relationship.js";
export type { ChildAttestationFile, ChildRequest, ComingOfAgeFile } from "./people/children.js";
export type { KeyChallengeFile, KeyConfirmationFile } from "./people/confirm-key.js";
export type { ConstraintFile, ReleaseConstraintInput } from "./consent/constraint-files.js";
export type { Appointment, DelegateEntry, DelegatePowers } from "./people/delegates.js";
export type { DeliveryFile, DeliveryInput } from "./release/deliver.js";
export type { TakenDelivery } from "./release/take-delivery.js";
export type { SignedIn } from "./gatekeepers/sign-in.js";
export { signInText, type SignInText } from "./gatekeepers/sign-in-text.js";
export type { NotTaken, Synced, SyncInput } from "./gatekeepers/sync.js";
export {
  SHOWN_SENSITIVE,
  type EmergencyWish,
  type EmergencyWishFile,
  type ShownSensitive,
} from "./release/emergency-wish.js";
export type { BrokenGlass, EmergencyEntry, EmergencyReasonFile, EmergencyReview } from "./consent/emergency.js";
export type { EnvelopesFile, ReleaseEnvelopesInput } from "./release/release-envelopes.js";
export type { ReleaseKeysInput, KeysFile } from "./release/release-keys.js";
export type { ExportOptions } from "./export/export-everything.js";
export type { ExportManifest, LeftOut } from "./export/manifest.js";
export type { ExportedFile, ExportSink, SinkFile } from "./export/sink.js";
export type { GrantInput, InPlaceOf, PlainGrant } from "./consent/grant-access.js";
export type { GuardianChoice, GuardiansFile } from "./people/guardians.js";
export { identityCommitment, identitySalt } from "./people/identity.js";
export type { IdentityClaim, IdentityWithdrawal, ReleasedTo } from "./people/identity.js";
export { attestationCode, childAttestationCode } from "./people/attestation-code.js";
export type { TakenEnvelopes, RefusedEnvelope } from "./release/take-envelopes.js";
export type { FhirInput, FhirText, ImportedFhir } from "./records/import/import-fhir.js";
export type { AttestedIdentifier } from "./records/import/find-chart.js";
export type { ImportProgress } from "./records/import/import-progress.js";
export type { ImportOptions } from "./records/import/import-records.js";
export type {
  ImportedPatient,
  ImportReport,
  NotImported,
  RecordCounts,
  WaitingFile,
} from "./records/import/import-report.js";
export type { TakenKeys, RefusedKey } from "./release/take-keys.js";
export type { KeyDocumentFile } from "./people/exchange-key-documents.js";
export type { CarriedKeyDocument } from "./handover/file.js";
export type { KeyDocumentSignature } from "./handover/key-document-signature.js";
export type { KeyChange } from "./people/keys.js";
export type { PendingProposal } from "./relationships/list-pending.js";
export type { ListedRecord } from "./records/list-records.js";
export type { RetractedRecord } from "./records/retraction/list-retractions.js";
export type { OpenedRecord } from "./records/open-record.js";
export type { Disclosure, Overview, RelationshipEntry } from "./consent/overview.js";
export type { OfferFile } from "./relationships/offer-file.js";
export type { ProposalInput, Proposed } from "./relationships/propose-relationship.js";
export { RELEASE_LOG } from "./release/publish-log.js";
export type { RecoveryState } from "./people/recovery.js";
export { DEFAULT_SIGNATURE_LIFETIME } from "./people/register.js";
export type { Registered } from "./people/register.js";
export type { Representation } from "./people/representatives.js";
export type { RetractedWithCopies, RetractionInput } from "./records/retraction/retract-record.js";
export type { TakenRevocation } from "./consent/take-revocation.js";
export type { RevocationInput } from "./consent/revoke-access.js";
export type { PatientSettings } from "./people/settings.js";
export type { UnreadRecord } from "./release/release-records.js";
export type { RecordsFile } from "./release/seal-singly.js";
export type { HistoryReport } from "./records/verify-history.js";
export type { Resolution, WaitingInput } from "./records/import/worklist.js";
export type { SealedTerms, TermsFile } from "./relationships/terms.js";
export type { RelationshipTerms } from "./relationships/approved-terms.js";
export type { DelayProgress } from "./chain/as-authority.js";
export { connect } from "./chain/connect.js";
export { connectContracts } from "./chain/contracts.js";
export type { Contracts } from "./chain/contracts.js";
export { checkDeployment } from "./chain/check-deployment.js";
export { CONTRACT_NAMES, contractNames, parseDeployment } from "./chain/deployment.js";
export type { ContractName, Deployment } from "./chain/deployment.js";
export { chainCall } from "./chain/errors.js";
export { currentTime, ownId } from "./context.js";
export { type EventFilter, type EventSource, inRanges, nodeEvents } from "./chain/event-source.js";
export { eventsAmong, queryEvents } from "./chain/events.js";
export { sleep } from "./time.js";
export { currentFees } from "./chain/fees.js";
export type { Fees, FeeSettings } from "./chain/fees.js";
export type { Call, Sent } from "./chain/transactions.js";
export type { ConstrainedWord, Narrowing } from "./consent/constraint.js";
export { lossInWords, narrowingInWords } from "./consent/narrowings.js";
export type { GrantPreview, LostNarrowing, NarrowingWords } from "./consent/narrowings.js";
export { createClient } from "./client.js";
export type { Client, ClientOptions } from "./client.js";
export type { Decision, Decisions, DenialReason, Occasion, Question } from "./consent/decide.js";
export type { ParticipantClient } from "./participant-client.js";
export type { Context, Finality, TransactionReport } from "./context.js";
export type { Module } from "./module.js";
export type { KeyDocuments } from "./handover/key-document-source.js";
export type { Guardians } from "./handover/guardians.js";
export type { TriedRelay } from "./handover/relay.js";
export type { SignedActionFile } from "./handover/signed-action.js";
export type { NodeAnswer } from "./chain/nodes.js";
export type { ParticipantInfo } from "./people/participants.js";
export type { RecordInDoubt } from "./records/import/sensitivity-in-doubt.js";
export { isDoubt } from "./records/import/doubts.js";
export { anchoredRecords, chainOf, headOf } from "./records/history.js";
export type { AnchoredRecord } from "./records/history.js";
export type { KeyHolder } from "./records/key-holders.js";
export { NO_RECORD } from "./records/retraction/retraction-statement.js";
export type { RetractionFile, RetractionMessage } from "./records/retraction/retraction-statement.js";
export {
  ACCOUNT_SCOPES,
  CATEGORIES,
  EVERY_STEWARD,
  OUTCOMES,
  PURPOSES,
  RECOVERY_STAGES,
  ROLES,
  STATUSES,
  categoriesOf,
  rolesOf,
} from "./vocabulary.js";
export type {
  AccountScope,
  Category,
  Outcome,
  Purpose,
  RecoveryStage,
  RelationshipStatus,
  SensitivityClass,
  Role,
} from "./vocabulary.js";
