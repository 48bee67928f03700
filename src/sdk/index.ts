export { ChartChainError, isChartChainError, type ErrorCode } from "../errors/index.js";
export { actions } from "./actions/index.js";
export type { AccessOf, StandingGrant } from "./actions/access-of.js";
export type { AccountInfo, JoiningFile } from "./actions/accounts.js";
export type { AddedRecord, AdditionsInput, RecordInput } from "./actions/add-record.js";
export type { AnchoredPatient, AnchoredWaiting, StillWaiting } from "./actions/anchor-waiting.js";
export type { Approval } from "./actions/approve-relationship.js";
export type { BankAccount, Season, Withdrawal } from "./actions/bank.js";
export type { BankSteward, ConfirmedSeason } from "./actions/bank-steward.js";
export type { ConsentChanges, RevocationEntry } from "./actions/change-consents.js";
export type { RelationshipWith, SignedRelationshipWith } from "./actions/change-relationship.js";
export type { ChildAttestationFile, ChildRequest, ComingOfAgeFile } from "./actions/children.js";
export type { KeyChallengeFile, KeyConfirmationFile } from "./actions/confirm-key.js";
export type { ConstraintFile, ExportConstraintInput } from "./actions/constraints.js";
export type { Appointment, DelegateEntry, DelegatePowers } from "./actions/delegates.js";
export type { DeliveryFile, DeliveryInput, ImportedDelivery } from "./actions/deliver.js";
export {
  SHOWN_SENSITIVE,
  type EmergencyWish,
  type EmergencyWishFile,
  type ShownSensitive,
} from "./actions/emergency-wish.js";
export type { BrokenGlass, EmergencyEntry, EmergencyReasonFile, EmergencyReview } from "./actions/emergency.js";
export type { EnvelopesFile, ExportEnvelopesInput } from "./actions/export-envelopes.js";
export type { ExportGrantInput, GrantFile } from "./actions/export-grant.js";
export type { GrantInput, InPlaceOf, PlainGrant } from "./actions/grant-access.js";
export type { GuardianChoice, GuardiansFile } from "./actions/guardians.js";
export { identityCommitment, identitySalt } from "./actions/identity.js";
export type { IdentityClaim, IdentityWithdrawal, ReleasedTo } from "./actions/identity.js";
export { attestationCode, childAttestationCode } from "./attestation-code.js";
export type { ImportedEnvelopes, RefusedEnvelope } from "./actions/import-envelopes.js";
export type { FhirInput, ImportedFhir } from "./actions/import-fhir.js";
export type { ImportedGrant, RefusedKey } from "./actions/import-grant.js";
export type { ClaimableDeposit, ClaimInput, DepositProofFile } from "./actions/interest.js";
export type { KeyDocumentFile } from "./actions/key-documents.js";
export type { CarriedKeyDocument } from "./handover/file.js";
export type { KeyDocumentSignature } from "./key-document-signature.js";
export type { KeyChange } from "./actions/keys.js";
export type { PendingProposal } from "./actions/list-pending.js";
export type { ListedRecord } from "./actions/list-records.js";
export type { RetractedRecord } from "./actions/list-retractions.js";
export type { OpenedRecord } from "./actions/open-record.js";
export type { Disclosure, Overview, RelationshipEntry } from "./actions/overview.js";
export type { OfferFile, ProposalInput, Proposed } from "./actions/propose-relationship.js";
export { RELEASE_LOG } from "./actions/publish-log.js";
export type { RecoveryState } from "./actions/recovery.js";
export { DEFAULT_SIGNATURE_LIFETIME } from "./actions/register.js";
export type { Registered } from "./actions/register.js";
export type { Representation } from "./actions/representatives.js";
export type { RetractedWithCopies, RetractionInput } from "./actions/retract-record.js";
export type { RevocationInput } from "./actions/revoke-access.js";
export type { PatientSettings } from "./actions/settings.js";
export type { OpenedStudy, Study, StudyOffer } from "./actions/studies.js";
export type { RecordsFile, UnreadRecord } from "./actions/release-records.js";
export type { StudyDeliveryFile, StudyDeliveryInput } from "./actions/study-delivery.js";
export type { StudyDispute } from "./actions/study-disputes.js";
export type { JoinInput, Participation, SignedWithdrawal } from "./actions/study-participation.js";
export type { PayoutInput, StudyCredit } from "./actions/study-payout.js";
export type { MismatchReason, ResearchPreferences, StudyMatch, VerifiedStudy } from "./actions/study-terms.js";
export type { HistoryReport } from "./actions/verify-history.js";
export type { Resolution, WaitingInput } from "./actions/worklist.js";
export type { SealedTerms, TermsFile } from "./terms.js";
export type { RelationshipTerms } from "./approved-terms.js";
export type { DelayProgress } from "./chain/as-authority.js";
export { connect } from "./chain/connect.js";
export { connectContracts } from "./chain/contracts.js";
export type { Contracts } from "./chain/contracts.js";
export { CONTRACT_NAMES, checkDeployment, parseDeployment } from "./chain/deployment.js";
export type { ContractName, Deployment } from "./chain/deployment.js";
export { chainCall } from "./chain/errors.js";
export { queryEvents } from "./chain/events.js";
export { currentFees } from "./chain/fees.js";
export type { Fees, FeeSettings } from "./chain/fees.js";
export type { Call, Sent } from "./chain/transactions.js";
export type { ConstrainedWord, Narrowing } from "./consent/constraint.js";
export { lossInWords } from "./consent/narrowings.js";
export type { GrantPreview, LostNarrowing } from "./consent/narrowings.js";
export { createClient } from "./client.js";
export type { Client, ClientOptions } from "./client.js";
export type { Decision, DenialReason, Question } from "./consent/decide.js";
export type { Context, Finality, TransactionReport } from "./context.js";
export type { KeyDocuments } from "./key-documents.js";
export type { Guardians } from "./handover/guardians.js";
export type { SignedActionFile, SignedActionName } from "./handover/signed-action.js";
export type { NodeAnswer } from "./nodes.js";
export { depositLeaf, depositTree, verifyDeposit } from "./bank/deposit-tree.js";
export type { DepositKey, DepositTree } from "./bank/deposit-tree.js";
export type { ParticipantInfo } from "./participants.js";
export type { RecordInDoubt } from "./records/sensitivity-in-doubt.js";
export { isDoubt } from "./records/doubts.js";
export { anchoredRecords, chainOf, headOf } from "./records/history.js";
export type { AnchoredRecord } from "./records/history.js";
export type { KeyHolder } from "./records/key-holders.js";
export { NO_RECORD } from "./records/retraction-statement.js";
export type { RetractionFile, RetractionMessage } from "./records/retraction-statement.js";
export { DATA_USE_TERMS, dataUseInWords, dataUseTerm } from "./studies/data-use.js";
export type { DataUseTerm } from "./studies/data-use.js";
export type { ShownTerms, StudyTermsFile } from "./studies/terms-file.js";
export {
  ACCOUNT_SCOPES,
  CATEGORIES,
  EVERY_STEWARD,
  OUTCOMES,
  PURPOSES,
  RECOVERY_STAGES,
  ROLES,
  STATUSES,
  STUDY_STAGES,
  STUDY_STATUSES,
  categoriesOf,
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
  StudyStage,
  StudyStatus,
} from "./vocabulary.js";
