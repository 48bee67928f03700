import { defineModule } from "../../module.js";
import { cancelStudy, listStudies, openStudy, refundStudy, settleStudy, studyOf, studyTermsOf } from "./studies.js";
import { deliverToStudy, takeStudyDelivery, signDeliverToStudy } from "./delivery.js";
import {
  disputeDelivery,
  joinStudy,
  participationOf,
  signDisputeDelivery,
  signJoinStudy,
  signWithdrawFromStudy,
  withdrawFromStudy,
} from "./participation.js";
import { acknowledgeDelivery, answerDispute, closeDispute, decideDispute } from "./disputes.js";
import { releaseStudy } from "./release.js";
import { payoutBank, payoutStudy, signPayoutStudy, studyCreditOf } from "./payout.js";
import { matchStudy, readStudyTerms, researchPreferences, setResearchPreferences } from "./terms.js";
import { SIGNED } from "./signed.js";
import { contracts, MODULE } from "./contracts.js";
import { holdBack } from "./hold-back.js";

/** Research that patients join and are paid for; keeps keys back until a study is released. */
export const studies = defineModule({
  name: MODULE,
  contracts,
  signed: SIGNED,
  carrying: ["chartchain/study-terms"],
  actions: {
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
    takeStudyDelivery,
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
  },
  holdBack,
});

export type { OpenedStudy, Study, StudyOffer } from "./studies.js";
export type { StudyDeliveryFile, StudyDeliveryInput } from "./delivery.js";
export type { StudyDispute } from "./disputes.js";
export type { JoinInput, Participation, SignedWithdrawal } from "./participation.js";
export type { PayoutInput, StudyCredit } from "./payout.js";
export type { MismatchReason, ResearchPreferences, StudyMatch, VerifiedStudy } from "./terms.js";
export { DATA_USE_TERMS, dataUseInWords, dataUseTerm } from "./data-use.js";
export type { DataUseTerm } from "./data-use.js";
export type { ShownTerms, StudyTermsFile } from "./terms-file.js";
export { STUDY_STAGES, STUDY_STATUSES } from "./stages.js";
export type { StudyStage, StudyStatus } from "./stages.js";
