import type { Explanations } from "../explanation.js";

export const DATA_BANK = {
  ACCOUNT_ALREADY_OPEN: {
    why: "The patient has an account with the Data Bank already.",
    fix: "Use it; nothing needs to be done.",
  },
  ALREADY_CLAIMED: {
    why: "The interest of this deposit was credited already.",
    fix: "Nothing needs to be done.",
  },
  BATCH_ALREADY_CONFIRMED: {
    why: "The steward confirmed a batch of this season already.",
    fix: "Confirm what is missing by statements.",
  },
  BATCH_USED_UP: {
    why: "As many deposits were claimed as the steward said that there were.",
    fix: "Ask the steward: it counted too few.",
  },
  BOND_NOT_FREE: {
    why: "The bond wasn't asked for, or what it stands for may still be struck.",
    fix: "Ask for it and wait.",
  },
  BOND_NOT_PAID: {
    why: "The account that was named doesn't take ether.",
    fix: "Name another account.",
  },
  BOND_NOT_RELEASING: {
    why: "A steward keeps a bond that it hasn't asked for.",
    fix: "Nothing needs to be done.",
  },
  BUDGET_EXCEEDED: {
    why: "The steward would confirm more deposits of the season than its budget allows or its bond stands for. A bond that was asked for stands for nothing.",
    fix: "Confirm fewer, post more of a bond, keep the bond, or ask the authority for a larger budget.",
  },
  BUDGET_TOO_LARGE: {
    why: "A budget exceeds the bound in the code.",
    fix: "Set 1,000,000 at the most.",
  },
  DEPOSIT_ALREADY_CONFIRMED: {
    why: "The steward stated this deposit already. A patient has one deposit with a steward in a season, however many records there are.",
    fix: "Nothing needs to be done.",
  },
  DEPOSIT_IS_STRUCK: {
    why: "The authority found that there was no such deposit.",
    fix: "Nothing brings it back.",
  },
  EMPTY_BATCH: {
    why: "A batch has no root or no deposits.",
    fix: "Name the root over the patients' leaves, and how many there are.",
  },
  IDENTITY_NOT_ATTESTED: {
    why: "The identity that was named isn't linked to this patient.",
    fix: "Have a licensed provider attest it, and name its issuer and commitment.",
  },
  ISSUER_NOT_LICENSED: {
    why: "The provider that attested the identity has no live licence.",
    fix: "Have another provider attest it.",
  },
  MISSING_RECORD: {
    why: "A statement about a deposit names no record.",
    fix: "Name the digest of an anchored record of that season.",
  },
  NOT_CONFIRMED: {
    why: "No statement confirms the deposit, and the proof doesn't lead to the root of the steward's batch.",
    fix: "Ask the steward for the proof of this patient, steward and season.",
  },
  NOT_THE_BANK: {
    why: "Somebody else than the Data Bank would mint.",
    fix: "Nobody mints: take out what has vested.",
  },
  NOT_VESTED: {
    why: "More was to be taken out than has vested.",
    fix: "Take out less, or wait.",
  },
  NO_ACCOUNT: {
    why: "The patient has no account with the Data Bank.",
    fix: "Open one with an attested identity.",
  },
  NO_SEASON_TO_CONFIRM: {
    why: "The first season isn't over.",
    fix: "Confirm deposits in the season after the one in which they were made.",
  },
  TOO_EARLY_TO_CLAIM: {
    why: "Interest is claimed from the third season after a deposit's on: until then it may be disputed.",
    fix: "Wait for that season.",
  },
  TOO_LATE_TO_CLAIM: {
    why: "Interest is claimed until the eighth season after a deposit's.",
    fix: "It is lost; claim the next one in time.",
  },
  TOO_LATE_TO_STRIKE: {
    why: "All that the deposit earned may have vested.",
    fix: "A deposit is struck until the fourteenth season after its own.",
  },
} satisfies Explanations;
