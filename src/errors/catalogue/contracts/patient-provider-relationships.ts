import type { Explanations } from "../explanation.js";

export const PATIENT_PROVIDER_RELATIONSHIPS = {
  ALREADY_OPEN: {
    why: "The relationship is already proposed, active or suspended.",
    fix: "Answer, withdraw or end the one that is there first.",
  },
  BLOCKED: {
    why: "The patient refuses this provider's proposals and offers.",
    fix: "Only the patient can unblock the provider.",
  },
  BLOCK_UNCHANGED: {
    why: "The provider is blocked, or unblocked, already.",
    fix: "Nothing needs to be done.",
  },
  END_MISMATCH: {
    why: "The approval names another end than the proposal (both in minutes).",
    fix: "Read the current proposal and approve that one.",
  },
  INVALID_END: {
    why: "The end is neither 0 nor a time ahead that fits into 28 bits of minutes.",
    fix: "Give an end in the future, or none.",
  },
  MISSING_TERMS: {
    why: "The digest of the terms is zero.",
    fix: "Publish terms first; the SDK does.",
  },
  NONCES_EXHAUSTED: {
    why: "The provider has used up the relationship's nonces, by eight million proposals; or somebody blocked and unblocked it a thousand times, and signatures about that no longer count.",
    fix: "Nothing opens this relationship again; the patient can still decline, block and end. Blocking and unblocking take a transaction of one's own then.",
  },
  NOT_ACTIVE: {
    why: "The relationship isn't active.",
    fix: "Look at its status; a suspended one is resumed by the side that suspended it.",
  },
  NOT_A_PATIENT: {
    why: "The participant isn't a person.",
    fix: "Use the number of a patient.",
  },
  NOT_OPEN: {
    why: "There is nothing to end: the relationship is neither active nor suspended.",
    fix: "Nothing needs to be done.",
  },
  NOT_PROPOSED: {
    why: "There is no proposal to answer or to withdraw: it lapsed, was withdrawn, or was answered.",
    fix: "List the pending proposals.",
  },
  NOT_SUSPENDED_BY: {
    why: "The relationship isn't suspended by the side that wants to resume it.",
    fix: "The other side has to resume it, or there is no suspension.",
  },
  TERMS_MISMATCH: {
    why: "The approval names other terms than the proposal.",
    fix: "Read the new terms before approving.",
  },
  WRONG_NONCE: {
    why: "The relationship has moved on since the offer, approval or refusal was made.",
    fix: "Look at the current proposal and sign again.",
  },
} satisfies Explanations;
