import { defineModule } from "../../module.js";
import {
  bankAccountOf,
  openBankAccount,
  seasonOf,
  signOpenBankAccount,
  signWithdrawInterest,
  tokenBalanceOf,
  withdrawInterest,
} from "./accounts.js";
import { burnBankFees, setDepositBudget, strikeDeposit } from "./authority.js";
import {
  bankStewardOf,
  confirmSeason,
  depositProofs,
  keepBond,
  postBond,
  releaseBond,
  stateDeposit,
  withdrawBond,
} from "./steward.js";
import { claimInterest, takeDepositProof, listClaimable, signClaimInterest } from "./interest.js";
import { SIGNED } from "./signed.js";
import { contracts } from "./contracts.js";

/** What deposits earn: accounts, stewards' confirmations, interest. */
export const dataBank = defineModule({
  name: "data-bank",
  contracts,
  signed: SIGNED,
  actions: {
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
    takeDepositProof,
    listClaimable,
    claimInterest,
    signClaimInterest,
    withdrawInterest,
    signWithdrawInterest,
    tokenBalanceOf,
    strikeDeposit,
    burnBankFees,
  },
});

export type { BankAccount, Season, Withdrawal } from "./accounts.js";
export type { BankSteward, ConfirmedSeason } from "./steward.js";
export type { ClaimableDeposit, ClaimInput, DepositProofFile } from "./interest.js";
export { depositLeaf, depositTree, verifyDeposit } from "./deposit-tree.js";
export type { DepositKey, DepositTree } from "./deposit-tree.js";
