import { acceptOffer, approveRelationship, signAcceptOffer, signApproveRelationship } from "./approve-relationship.js";
import {
  blockProvider,
  declineRelationship,
  endRelationship,
  resumeRelationship,
  signBlockProvider,
  signDeclineRelationship,
  signEndRelationship,
  signResumeRelationship,
  signSuspendRelationship,
  signUnblockProvider,
  suspendRelationship,
  unblockProvider,
} from "./change-relationship.js";
import {
  addAccount,
  cancelSignatures,
  keepAccount,
  listAccounts,
  retireAccount,
  signAddAccount,
  signCancelSignatures,
  signJoining,
  signKeepAccount,
  signRetireAccount,
} from "./accounts.js";
import { addRecord, addRecords } from "./add-record.js";
import { anchorDummies } from "./anchor-dummies.js";
import { anchorWaiting } from "./anchor-waiting.js";
import { changeConsents, formerGrants, signChangeConsents } from "./change-consents.js";
import {
  attestChild,
  attestComingOfAge,
  changeKeyOfChild,
  childhoodOf,
  ownChildCode,
  ownComingOfAgeCode,
  prepareChild,
  signComingOfAge,
  registerChild,
  revokeAllOf,
  signChangeKeyOfChild,
  signRegisterChild,
  signRevokeAllOf,
} from "./children.js";
import {
  appointDelegate,
  dismissDelegate,
  listDelegates,
  powersOf,
  signAppointDelegate,
  signDismissDelegate,
} from "./delegates.js";
import {
  breakGlass,
  emergencyCard,
  listEmergencies,
  readEmergencyCard,
  emergencyReasonOf,
  readEmergencyReason,
  reviewEmergency,
  reviewEmergencyAsAuthority,
  signReviewEmergency,
} from "./emergency.js";
import { emergencyWishOf, signEmergencyWish, takeEmergencyWish } from "./emergency-wish.js";
import {
  bankAccountOf,
  openBankAccount,
  seasonOf,
  signOpenBankAccount,
  signWithdrawInterest,
  tokenBalanceOf,
  withdrawInterest,
} from "./bank.js";
import { burnBankFees, setDepositBudget, strikeDeposit } from "./bank-authority.js";
import {
  bankStewardOf,
  confirmSeason,
  depositProofs,
  keepBond,
  postBond,
  releaseBond,
  stateDeposit,
  withdrawBond,
} from "./bank-steward.js";
import { guardianChangeOf, setGuardians, signSetGuardians } from "./guardians.js";
import { claimInterest, importDepositProof, listClaimable, signClaimInterest } from "./interest.js";
import { cancelStudy, listStudies, openStudy, refundStudy, settleStudy, studyOf, studyTermsOf } from "./studies.js";
import { deliverToStudy, importStudyDelivery, signDeliverToStudy } from "./study-delivery.js";
import {
  disputeDelivery,
  joinStudy,
  participationOf,
  signDisputeDelivery,
  signJoinStudy,
  signWithdrawFromStudy,
  withdrawFromStudy,
} from "./study-participation.js";
import { acknowledgeDelivery, answerDispute, closeDispute, decideDispute } from "./study-disputes.js";
import { releaseStudy } from "./study-release.js";
import { payoutBank, payoutStudy, signPayoutStudy, studyCreditOf } from "./study-payout.js";
import { matchStudy, readStudyTerms, researchPreferences, setResearchPreferences } from "./study-terms.js";
import { acceptKeyConfirmation, answerKeyChallenge, challengeKey } from "./confirm-key.js";
import { exportKeyDocument, importKeyDocument } from "./key-documents.js";
import { cancelKeyChange, changeKey, keyChangeOf, signCancelKeyChange, signChangeKey } from "./keys.js";
import {
  approveRecovery,
  executeRecovery,
  listRecoveries,
  recoveryOf,
  signApproveRecovery,
  signExecuteRecovery,
  signStartRecovery,
  signVetoRecovery,
  startRecovery,
  vetoRecovery,
} from "./recovery.js";
import {
  announceRepresentative,
  carryOutOrder,
  endRepresentative,
  signAddRepresentative,
  signAppointRepresentative,
  signEndRepresentative,
} from "./representatives.js";
import { changeSettingsOf, changeSettings, settingsOf, signChangeSettingsOf, signChangeSettings } from "./settings.js";
import { describeParticipant } from "../participants.js";
import { forgetParticipant } from "../pinned.js";
import { decide, requireConsent } from "../consent/decide.js";
import { accessOf } from "./access-of.js";
import { deliver, importDelivery } from "./deliver.js";
import { exportEnvelopes } from "./export-envelopes.js";
import { exportGrant } from "./export-grant.js";
import { grantAccess, previewGrant, signGrantAccess } from "./grant-access.js";
import { attestIdentity, linkIdentity, releasedAbout, resolve, restoreIdentity, withdrawIdentity } from "./identity.js";
import { ownAttestationCode } from "../attestation-code.js";
import { importEnvelopes } from "./import-envelopes.js";
import { exportConstraint, importConstraint } from "./constraints.js";
import { admitFhir, importFhir, keepBadFiles, keepDoubtful } from "./import-fhir.js";
import { importGrant } from "./import-grant.js";
import { importRetraction } from "./import-retraction.js";
import {
  confirmSuspension,
  freezeOperators,
  licenseInstitution,
  reinstateInstitution,
  suspendInstitution,
  thawOperators,
} from "./license.js";
import { listPending } from "./list-pending.js";
import { listRecords } from "./list-records.js";
import { listRetractions } from "./list-retractions.js";
import { mayOpen, openRecord, openRecordAsStream } from "./open-record.js";
import { canView, listDisclosures, listKeys, overviewOf } from "./overview.js";
import { offerRelationship, proposeRelationship, withdrawProposal } from "./propose-relationship.js";
import { publishReleaseLog } from "./publish-log.js";
import { registerInstitution, registerPatient, signRegisterPatient } from "./register.js";
import { relay } from "./relay.js";
import { reclassify } from "./reclassify.js";
import { retractRecord } from "./retract-record.js";
import { revokeAccess, signRevokeAccess } from "./revoke-access.js";
import { shredRecord } from "./shred-record.js";
import { verifyHistory } from "./verify-history.js";
import { approvedTerms, purposesOfSteward } from "../approved-terms.js";
import { importTerms } from "../terms.js";
import { assignInput, discardInput, listDecisions, listWorklist, readWaitingInput, splitInput } from "./worklist.js";
import { repackDue } from "../records/repack.js";
import { askAboutSensitivity } from "../records/sensitivity-in-doubt.js";
import { ownId } from "../context.js";

/** Every verb of the SDK, in the order of the workflow. Each takes the context first; a client has them bound. */
export const actions = {
  ownId,
  describeParticipant,
  forgetParticipant,
  registerPatient,
  signRegisterPatient,
  registerInstitution,
  licenseInstitution,
  suspendInstitution,
  confirmSuspension,
  reinstateInstitution,
  freezeOperators,
  thawOperators,
  attestIdentity,
  linkIdentity,
  resolve,
  ownAttestationCode,
  exportKeyDocument,
  importKeyDocument,
  withdrawIdentity,
  restoreIdentity,
  releasedAbout,
  proposeRelationship,
  offerRelationship,
  withdrawProposal,
  listPending,
  approveRelationship,
  signApproveRelationship,
  acceptOffer,
  signAcceptOffer,
  declineRelationship,
  signDeclineRelationship,
  suspendRelationship,
  signSuspendRelationship,
  resumeRelationship,
  signResumeRelationship,
  endRelationship,
  signEndRelationship,
  blockProvider,
  signBlockProvider,
  unblockProvider,
  signUnblockProvider,
  importTerms,
  approvedTerms,
  purposesOfSteward,
  overviewOf,
  grantAccess,
  previewGrant,
  signGrantAccess,
  revokeAccess,
  signRevokeAccess,
  changeConsents,
  signChangeConsents,
  formerGrants,
  cancelSignatures,
  signCancelSignatures,
  canView,
  accessOf,
  decide,
  requireConsent,
  addRecord,
  addRecords,
  anchorDummies,
  anchorWaiting,
  importFhir,
  admitFhir,
  keepDoubtful,
  keepBadFiles,
  listWorklist,
  readWaitingInput,
  assignInput,
  splitInput,
  discardInput,
  askAboutSensitivity,
  reclassify,
  listDecisions,
  listRecords,
  listKeys,
  openRecord,
  openRecordAsStream,
  mayOpen,
  verifyHistory,
  shredRecord,
  repackDue,
  retractRecord,
  importRetraction,
  listRetractions,
  exportGrant,
  importGrant,
  exportConstraint,
  importConstraint,
  exportEnvelopes,
  importEnvelopes,
  deliver,
  importDelivery,
  listDisclosures,
  publishReleaseLog,
  settingsOf,
  changeSettings,
  signChangeSettings,
  signJoining,
  addAccount,
  signAddAccount,
  retireAccount,
  signRetireAccount,
  keepAccount,
  signKeepAccount,
  listAccounts,
  changeKey,
  signChangeKey,
  cancelKeyChange,
  signCancelKeyChange,
  keyChangeOf,
  challengeKey,
  answerKeyChallenge,
  acceptKeyConfirmation,
  appointDelegate,
  signAppointDelegate,
  dismissDelegate,
  signDismissDelegate,
  powersOf,
  listDelegates,
  announceRepresentative,
  endRepresentative,
  signAddRepresentative,
  signAppointRepresentative,
  signEndRepresentative,
  carryOutOrder,
  prepareChild,
  ownChildCode,
  attestChild,
  registerChild,
  signRegisterChild,
  childhoodOf,
  changeKeyOfChild,
  signChangeKeyOfChild,
  changeSettingsOf,
  signChangeSettingsOf,
  revokeAllOf,
  signRevokeAllOf,
  signComingOfAge,
  ownComingOfAgeCode,
  attestComingOfAge,
  emergencyCard,
  readEmergencyCard,
  signEmergencyWish,
  takeEmergencyWish,
  emergencyWishOf,
  breakGlass,
  emergencyReasonOf,
  readEmergencyReason,
  listEmergencies,
  reviewEmergency,
  signReviewEmergency,
  reviewEmergencyAsAuthority,
  setGuardians,
  signSetGuardians,
  guardianChangeOf,
  listRecoveries,
  recoveryOf,
  startRecovery,
  signStartRecovery,
  approveRecovery,
  signApproveRecovery,
  vetoRecovery,
  signVetoRecovery,
  executeRecovery,
  signExecuteRecovery,
  openBankAccount,
  signOpenBankAccount,
  bankAccountOf,
  seasonOf,
  setDepositBudget,
  postBond,
  releaseBond,
  keepBond,
  withdrawBond,
  bankStewardOf,
  confirmSeason,
  depositProofs,
  stateDeposit,
  importDepositProof,
  listClaimable,
  claimInterest,
  signClaimInterest,
  withdrawInterest,
  signWithdrawInterest,
  tokenBalanceOf,
  strikeDeposit,
  burnBankFees,
  openStudy,
  studyOf,
  listStudies,
  studyTermsOf,
  readStudyTerms,
  setResearchPreferences,
  researchPreferences,
  matchStudy,
  joinStudy,
  signJoinStudy,
  participationOf,
  withdrawFromStudy,
  signWithdrawFromStudy,
  releaseStudy,
  deliverToStudy,
  signDeliverToStudy,
  importStudyDelivery,
  disputeDelivery,
  signDisputeDelivery,
  acknowledgeDelivery,
  answerDispute,
  decideDispute,
  closeDispute,
  settleStudy,
  cancelStudy,
  refundStudy,
  payoutStudy,
  signPayoutStudy,
  payoutBank,
  studyCreditOf,
  relay,
};
