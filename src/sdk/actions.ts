import {
  acceptOffer,
  approveRelationship,
  signAcceptOffer,
  signApproveRelationship,
} from "./relationships/approve-relationship.js";
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
} from "./relationships/change-relationship.js";
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
} from "./people/accounts.js";
import { addRecord, addRecords } from "./records/add-record.js";
import { anchorDummies } from "./records/anchor-dummies.js";
import { anchorWaiting } from "./records/anchor-waiting.js";
import { changeConsents, formerGrants, signChangeConsents } from "./consent/change-consents.js";
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
} from "./people/children.js";
import {
  appointDelegate,
  dismissDelegate,
  listDelegates,
  powersOf,
  signAppointDelegate,
  signDismissDelegate,
} from "./people/delegates.js";
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
} from "./consent/emergency.js";
import { emergencyWishOf, signEmergencyWish, takeEmergencyWish } from "./release/emergency-wish.js";
import { guardianChangeOf, setGuardians, signSetGuardians } from "./people/guardians.js";
import { acceptKeyConfirmation, answerKeyChallenge, challengeKey } from "./people/confirm-key.js";
import { ownKeyDocument, takeKeyDocument } from "./people/exchange-key-documents.js";
import { cancelKeyChange, changeKey, keyChangeOf, signCancelKeyChange, signChangeKey } from "./people/keys.js";
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
} from "./people/recovery.js";
import {
  announceRepresentative,
  carryOutOrder,
  endRepresentative,
  signAddRepresentative,
  signAppointRepresentative,
  signEndRepresentative,
} from "./people/representatives.js";
import {
  changeSettingsOf,
  changeSettings,
  settingsOf,
  signChangeSettingsOf,
  signChangeSettings,
} from "./people/settings.js";
import { describeParticipant } from "./people/participants.js";
import { forgetParticipant } from "./handover/pinned.js";
import { isSigned } from "./handover/signature.js";
import { decide, decideAll, requireConsent } from "./consent/decide.js";
import { accessOf } from "./consent/access-of.js";
import { deliver } from "./release/deliver.js";
import { takeDelivery } from "./release/take-delivery.js";
import { releaseEnvelopes } from "./release/release-envelopes.js";
import { releaseKeys } from "./release/release-keys.js";
import { exportEverything } from "./export/export-everything.js";
import { grantAccess, previewGrant, signGrantAccess } from "./consent/grant-access.js";
import {
  attestIdentity,
  linkIdentity,
  releasedAbout,
  resolve,
  restoreIdentity,
  withdrawIdentity,
} from "./people/identity.js";
import { withdrawnAmong } from "./people/identity-stands.js";
import { ownAttestationCode } from "./people/attestation-code.js";
import { takeEnvelopes } from "./release/take-envelopes.js";
import { releaseConstraint, takeConstraint } from "./consent/constraint-files.js";
import { admitFhir, importFhir, keepDoubtful } from "./records/import/import-fhir.js";
import { findCharts } from "./records/import/find-chart.js";
import { importRecords } from "./records/import/import-records.js";
import { takeKeys } from "./release/take-keys.js";
import { takeRetraction } from "./records/retraction/take-retraction.js";
import {
  confirmSuspension,
  freezeOperators,
  licenseInstitution,
  reinstateInstitution,
  suspendInstitution,
  thawOperators,
} from "./people/license.js";
import { listPending } from "./relationships/list-pending.js";
import { listRecords } from "./records/list-records.js";
import { listRetractions } from "./records/retraction/list-retractions.js";
import { mayOpen, openRecord, openRecordAsStream } from "./records/open-record.js";
import { canView, listDisclosures, listKeys, overviewOf } from "./consent/overview.js";
import { offerRelationship, proposeRelationship, withdrawProposal } from "./relationships/propose-relationship.js";
import { publishReleaseLog } from "./release/publish-log.js";
import { registerInstitution, registerPatient, signRegisterPatient } from "./people/register.js";
import { describeSignedAction, relay, tryRelay } from "./handover/relay.js";
import { reclassify } from "./records/reclassify.js";
import { retractRecord } from "./records/retraction/retract-record.js";
import { revokeAccess, signRevokeAccess } from "./consent/revoke-access.js";
import { takeRevocation } from "./consent/take-revocation.js";
import { shredRecord } from "./records/shred-record.js";
import { verifyHistory } from "./records/verify-history.js";
import { approvedTerms, purposesOfSteward } from "./relationships/approved-terms.js";
import { takeTerms } from "./relationships/terms.js";
import { signInAt } from "./gatekeepers/sign-in.js";
import { sync } from "./gatekeepers/sync.js";
import {
  assignInput,
  discardInput,
  listDecisions,
  listWorklist,
  readWaitingInput,
  splitInput,
} from "./records/import/worklist.js";
import { repackDue } from "./records/repack.js";
import { askAboutSensitivity } from "./records/import/sensitivity-in-doubt.js";
import { ownId } from "./context.js";

/**
 * Every verb of the core, in the order of the workflow. Each takes the context first; a client has them bound.
 *
 * @namespace
 */
export const actions = {
  ownId,
  describeParticipant,
  forgetParticipant,
  isSigned,
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
  ownKeyDocument,
  takeKeyDocument,
  withdrawIdentity,
  restoreIdentity,
  withdrawnAmong,
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
  takeTerms,
  approvedTerms,
  purposesOfSteward,
  overviewOf,
  grantAccess,
  previewGrant,
  signGrantAccess,
  revokeAccess,
  signRevokeAccess,
  takeRevocation,
  changeConsents,
  signChangeConsents,
  formerGrants,
  cancelSignatures,
  signCancelSignatures,
  canView,
  accessOf,
  decide,
  decideAll,
  requireConsent,
  addRecord,
  addRecords,
  anchorDummies,
  anchorWaiting,
  importFhir,
  importRecords,
  findCharts,
  admitFhir,
  keepDoubtful,
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
  takeRetraction,
  listRetractions,
  releaseKeys,
  takeKeys,
  releaseConstraint,
  takeConstraint,
  releaseEnvelopes,
  takeEnvelopes,
  deliver,
  takeDelivery,
  signInAt,
  sync,
  listDisclosures,
  exportEverything,
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
  describeSignedAction,
  relay,
  tryRelay,
};
