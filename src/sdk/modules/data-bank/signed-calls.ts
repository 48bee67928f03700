import {
  ACCOUNT_OPENING,
  DELIVERY_ACKNOWLEDGEMENT,
  DELIVERY_DISPUTE,
  DELIVERY_RECEIPT,
  DEPOSIT_STATEMENT,
  GRANT,
  INTEREST_CLAIM,
  INTEREST_WITHDRAWAL,
  STUDY_JOIN,
  STUDY_PAYOUT,
  STUDY_WITHDRAWAL,
} from "../../chain/typed-data.js";
import type { SignedCall } from "../../handover/signed-calls.js";

/** What is signed for the Data Bank. */
export const BANK_CALLS = {
  openBankAccount: {
    type: ACCOUNT_OPENING,
    call: (m, a) => ["openAccountWithSig", m["issuer"], m["commitment"], a],
  },
  confirmDeposit: {
    type: DEPOSIT_STATEMENT,
    call: (m, a) => ["confirmDeposit", m["patient"], m["recordDigest"], a],
  },
  claimInterest: {
    type: INTEREST_CLAIM,
    needsProof: true,
    call: (m, a, { proof }) => ["claimWithSig", m["steward"], m["season"], proof, a],
  },
  withdrawInterest: {
    type: INTEREST_WITHDRAWAL,
    call: (m, a) => ["withdrawWithSig", m["to"], m["amount"], a],
  },
} satisfies Record<string, SignedCall>;

/** What is signed for studies. */
export const STUDY_CALLS = {
  joinStudy: {
    type: STUDY_JOIN,
    attached: { consent: GRANT },
    call: (m, a, { consent }) => ["joinWithSig", m["study"], m["steward"], consent?.until, consent?.authorization, a],
  },
  withdrawFromStudy: { type: STUDY_WITHDRAWAL, call: (m, a) => ["withdrawWithSig", m["study"], a] },
  deliverToStudy: {
    type: DELIVERY_RECEIPT,
    call: (m, a) => ["deliver", m["study"], m["patient"], m["dataDigest"], a],
  },
  disputeDelivery: { type: DELIVERY_DISPUTE, call: (m, a) => ["disputeWithSig", m["study"], a] },
  /** Of no use before there is a dispute: the steward keeps it until then. */
  acknowledgeDelivery: {
    type: DELIVERY_ACKNOWLEDGEMENT,
    call: (m, a) => ["acknowledge", m["study"], m["patient"], m["dataDigest"], a],
  },
  payoutStudy: { type: STUDY_PAYOUT, call: (m, a) => ["payoutWithSig", m["study"], m["to"], a] },
} satisfies Record<string, SignedCall>;
