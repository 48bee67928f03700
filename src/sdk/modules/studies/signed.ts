import { messageType } from "../../chain/typed-data.js";
import { authorizationOf, signature, signedAction, signedSubject } from "../../handover/signed/action.js";
import { GRANT } from "../../handover/signed/consent.js";

/** A patient's consent to take part in a study. The grant that it needs is signed apart. */
export const STUDY_JOIN = messageType("Studies", "StudyJoin", {
  fields:
    "uint40 patient, uint64 study, uint40 researcher, string researcherName, uint40 steward, string stewardName, bytes32 termsDigest, uint96 price, uint24 minimum, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "the patient took part, enrolment is over, or signatures are cancelled",
  says: (m) => `I take part in study ${m.study} of ${m.researcherName}, with my records at ${m.stewardName}.`,
  about:
    "`price` is in the token's smallest units; the patient gets 80 % of it. Nothing is released before `minimum` consents stand at once. The grant is signed apart.",
});

export const STUDY_WITHDRAWAL = messageType("Studies", "StudyWithdrawal", {
  fields: "uint40 patient, uint64 study, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "the patient withdrew, or the study has ended",
  says: (m) => `I don't take part in study ${m.study} any more.`,
  about: "What was delivered stays due.",
});

/** A steward's word that it delivered a patient's data to a study. */
export const DELIVERY_RECEIPT = messageType("Studies", "DeliveryReceipt", {
  fields: "uint40 steward, uint64 study, uint40 patient, bytes32 dataDigest, uint48 deadline",
  signedBy: "a licensed provider",
  diesWhen: "the data is delivered, or the study closes",
  says: (m) => `We delivered data of patient ${m.patient} to study ${m.study}.`,
});

export const DELIVERY_DISPUTE = messageType("Studies", "DeliveryDispute", {
  fields: "uint40 patient, uint64 study, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "the delivery is a week old, or was disputed",
  says: (m) => `No data of mine was delivered to study ${m.study}.`,
  about: "Nobody is paid for it, unless the steward answers and it is decided otherwise.",
});

/** A patient's or a researcher's word that it has what a steward delivered. */
export const DELIVERY_ACKNOWLEDGEMENT = messageType("Studies", "DeliveryAcknowledgement", {
  fields: "uint40 recipient, uint64 study, uint40 patient, bytes32 dataDigest, uint48 deadline",
  signedBy: "the patient or the researcher",
  diesWhen: "the dispute is answered with one, or decided",
  says: (m) => `We have what was delivered to study ${m.study} of patient ${m.patient}.`,
  about: "Counts as the answer to a dispute.",
});

export const STUDY_PAYOUT = messageType("Studies", "StudyPayout", {
  fields: "uint40 patient, uint64 study, address to, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "it was paid, or signatures are cancelled",
  says: (m) => `Pay my share of study ${m.study} to this account.`,
});

/** What is signed for this module. */
export const SIGNED = signedSubject("Studies", {
  actions: {
    joinStudy: signedAction({
      type: STUDY_JOIN,
      attached: { consent: signature(GRANT) },
      call: (m, by, { consent }) => [
        "joinWithSig",
        m.study,
        m.steward,
        consent.message.until,
        authorizationOf(consent),
        by,
      ],
    }),
    withdrawFromStudy: signedAction({
      type: STUDY_WITHDRAWAL,
      call: (m, by) => ["withdrawWithSig", m.study, by],
    }),
    deliverToStudy: signedAction({
      type: DELIVERY_RECEIPT,
      call: (m, by) => ["deliver", m.study, m.patient, m.dataDigest, by],
    }),
    disputeDelivery: signedAction({
      type: DELIVERY_DISPUTE,
      call: (m, by) => ["disputeWithSig", m.study, by],
    }),
    // Of no use before there is a dispute: the steward keeps it until then.
    acknowledgeDelivery: signedAction({
      type: DELIVERY_ACKNOWLEDGEMENT,
      call: (m, by) => ["acknowledge", m.study, m.patient, m.dataDigest, by],
    }),
    payoutStudy: signedAction({
      type: STUDY_PAYOUT,
      call: (m, by) => ["payoutWithSig", m.study, m.to, by],
    }),
  },
});
