import { formatEther } from "ethers";

import { messageType } from "../../chain/typed-data.js";
import { attachment, signedAction, signedSubject } from "../../handover/signed/action.js";
import type { BankContext } from "./contracts.js";
import { isDepositProof, requireDepositProof } from "./deposit-proof.js";
import type { DepositKey } from "./deposit-tree.js";

const PROOF = attachment(isDepositProof, (ctx: BankContext, proof: readonly string[], deposit: DepositKey) =>
  requireDepositProof(ctx, deposit, proof),
);

/** A patient's wish to have an account with the Data Bank. */
export const ACCOUNT_OPENING = messageType("DataBank", "AccountOpening", {
  fields: "uint40 patient, uint40 issuer, bytes32 commitment, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "the account is open, or signatures are cancelled",
  says: (m) => `Open an account with the Data Bank for me: provider ${m.issuer} attested who I am.`,
});

/** A steward's word that a patient's record was deposited with it in a season. */
export const DEPOSIT_STATEMENT = messageType("DataBank", "DepositStatement", {
  fields: "uint40 steward, uint40 patient, uint32 season, bytes32 recordDigest, uint48 deadline",
  signedBy: "a licensed provider",
  diesWhen: "the deposit is stated, or the season after its own is over",
  says: (m) => `In season ${m.season}, patient ${m.patient} deposited with us: this record is one of those.`,
  about: "The record may be the patient's own. It is one deposit, however many records there are.",
});

export const INTEREST_CLAIM = messageType("DataBank", "InterestClaim", {
  fields: "uint40 patient, uint40 steward, uint32 season, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "the deposit is claimed or struck, or signatures are cancelled",
  says: (m) => `Credit the interest of my deposit with participant ${m.steward} in season ${m.season}.`,
});

export const INTEREST_WITHDRAWAL = messageType("DataBank", "InterestWithdrawal", {
  fields: "uint40 patient, address to, uint256 amount, uint24 withdrawal, uint32 signatureEpoch, uint48 deadline",
  signedBy: "the patient",
  diesWhen: "another signed withdrawal was made, or signatures are cancelled",
  says: (m) => `Send ${formatEther(m.amount)} CHART of what has vested to this account.`,
  about: "`amount` is in units of 10^-18; `withdrawal` counts the signed withdrawals before.",
});

/** What is signed for this module. */
export const SIGNED = signedSubject("The Data Bank", {
  actions: {
    openBankAccount: signedAction({
      type: ACCOUNT_OPENING,
      call: (m, by) => ["openAccountWithSig", m.issuer, m.commitment, by],
    }),
    confirmDeposit: signedAction({
      type: DEPOSIT_STATEMENT,
      call: (m, by) => ["confirmDeposit", m.patient, m.recordDigest, by],
    }),
    claimInterest: signedAction({
      type: INTEREST_CLAIM,
      attached: { proof: PROOF },
      call: (m, by, { proof }) => ["claimWithSig", m.steward, m.season, proof, by],
    }),
    withdrawInterest: signedAction({
      type: INTEREST_WITHDRAWAL,
      call: (m, by) => ["withdrawWithSig", m.to, m.amount, by],
    }),
  },
});
