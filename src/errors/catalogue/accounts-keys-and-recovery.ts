import type { Explanations } from "./explanation.js";

export const ACCOUNTS_KEYS_AND_RECOVERY = {
  ACCOUNT_RETIRED: {
    why: "The contract refuses when `account` was retired, or replaced by a recovery.",
    fix: "The account acts no more: use another one of the participant's.",
  },
  ALREADY_APPROVED: {
    why: "The contract refuses when a guardian approves twice.",
    fix: "Nothing needs to be done: another guardian has to approve.",
  },
  GUARDIANS_MISMATCH: {
    why: "The contract refuses when the guardians that were handed in aren't the person's.",
    fix: "Use the newest guardians' file.",
  },
  GUARDIANS_UNKNOWN: {
    why: "The vault doesn't know who the guardians are: they were set with another one.",
    fix: "Give the guardians' file: each guardian has one.",
  },
  GUARDIANS_UNUSABLE: {
    why: "These guardians can't be used; the message says why. The chain would find out only in a recovery.",
    fix: "Choose two to sixteen other participants, a threshold below their number, and a delay of a day to a week.",
  },
  INVALID_GUARDIANS: {
    why: "The contract refuses when guardians are too few or too many, unordered, the person's own self, or have a threshold or a delay out of bounds.",
    fix: "Use two to sixteen guardians, a threshold below their number and a delay of a day to a week.",
  },
  KEY_CHALLENGE_UNANSWERABLE: {
    why: "The challenge was made for a key that this vault doesn't have, or it was altered.",
    fix: "Answer with the vault that has the new key, or ask for a new challenge.",
  },
  KEY_CHANGED_JUST_NOW: {
    why: "A representative changed the child's key less than six hours ago. Otherwise one could count its versions up to their end, and the child couldn't come of age.",
    fix: "Change it again after that; `details` say when.",
  },
  KEY_CHANGE_UNDER_WAY: {
    why: "The contract refuses when another change of keys waits already.",
    fix: "Wait until the change that was announced counts, or call it off.",
  },
  KEY_CONFIRMATION_REFUSED: {
    why: "The confirmation doesn't answer a challenge of this client's, or isn't the participant's; the message says which.",
    fix: "Challenge the participant again.",
  },
  KEY_UNCONFIRMED: {
    why: "The recipient changed keys. What is older than the new key is wrapped for it only once the recipient has proved to hold it: a stolen account could announce a key of its own. Of an institution's new key for which no account signed that this vault knows, nothing is wrapped.",
    fix: "`challengeKey`, let the recipient answer, `acceptKeyConfirmation`; then deliver again.",
  },
  NOT_A_GUARDIAN: {
    why: "The contract refuses when the participant isn't one of the guardians.",
    fix: "Only the guardians in the file take part.",
  },
  NOT_OWN_ACCOUNT: {
    why: "The contract refuses when `account` belongs to another participant.",
    fix: "Name an account of the client's own participant.",
  },
  NOT_THE_NEW_ACCOUNT: {
    why: "The contract refuses when another account accepts than the one that the guardians approved.",
    fix: "Use the account that the guardians approved.",
  },
  NOT_VETOABLE: {
    why: "The contract refuses when there is nothing to veto yet, or was vetoed already.",
    fix: "Only a recovery whose delay runs can be vetoed, and only once.",
  },
  NO_GUARDIANS: {
    why: "The contract refuses when the person has no guardians.",
    fix: "The person has no guardians: nobody can recover the account.",
  },
  NO_KEY_CHANGE: {
    why: "The contract refuses when there is no change of keys to call off.",
    fix: "There is no change of keys to call off: it counts already, or was never announced.",
  },
  NO_RECOVERY_FOR_ACCOUNT: {
    why: "No recovery of the person is open for this account. `details.open` lists the accounts that one is open for.",
    fix: "If one is open for an account that the person didn't name in person, don't approve it.",
  },
  NO_RECOVERY_PENDING: {
    why: "The contract refuses when no recovery waits to be executed.",
    fix: "More guardians have to approve first, or it lapsed.",
  },
  NO_RECOVERY_RUNNING: {
    why: "There is no recovery with enough approvals, so there is nothing to veto.",
    fix: "Nothing needs to be done. Look again when another guardian has approved.",
  },
  NO_SUCH_RECOVERY: {
    why: "The contract refuses when the guardian's recovery of the person with this number isn't open.",
    fix: "It was executed, ended by another one, or lapsed: start again.",
  },
  RECOVERY_OPEN: {
    why: "The contract refuses when the guardian has a recovery of the person open already.",
    fix: "This guardian has a recovery of the person open already: approve it, or wait until it lapses.",
  },
  RECOVERY_PENDING: {
    why: "The contract refuses when something would increase while a recovery of the participant is pending.",
    fix: "While a recovery is pending nothing may increase; what takes something away still works.",
  },
  RECOVERY_TOO_EARLY: {
    why: "The contract refuses before the delay is over (seconds).",
    fix: "Wait until the delay is over.",
  },
  RETIREMENT_UNCHANGED: {
    why: "The contract refuses when an account retires that does so already, or is kept that stays anyway.",
    fix: "Nothing needs to be done.",
  },
} satisfies Explanations;
