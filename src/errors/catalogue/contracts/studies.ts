import type { Explanations } from "../explanation.js";

export const STUDIES = {
  ALREADY_RELEASED: {
    why: "The study was released before, for good.",
    fix: "Deliver.",
  },
  ALREADY_TOOK_PART: {
    why: "The patient takes part in the study, or did.",
    fix: "Nothing needs to be done: nobody joins twice.",
  },
  CONSENT_REVOKED: {
    why: "The patient's grant to the researcher doesn't cover the study now.",
    fix: "Deliver nothing.",
  },
  ENROLMENT_CLOSED: {
    why: "The time of enrolment is over, or as many take part as may.",
    fix: "Look for another study.",
  },
  ESCROW_MISMATCH: {
    why: "The escrow that arrived isn't `price × maximum`.",
    fix: "Pay in a token that moves what it is told to.",
  },
  GRANT_DOES_NOT_FIT: {
    why: "The grant names no steward, ends before the study does, or isn't there.",
    fix: "Sign a grant for research to the study's researcher, over its categories at one steward, until it closes or longer.",
  },
  INVALID_OFFER: {
    why: "A study's offer has no terms, no category, no price or no minimum, a minimum beyond its maximum, or dates that are past, in the wrong order or more than five years ahead.",
    fix: "Mend the offer.",
  },
  MISSING_DATA: {
    why: "A receipt names no data.",
    fix: "Name the salted digest of what was delivered.",
  },
  NOTHING_TO_PAY: {
    why: "Nothing is owed here, it was paid, or the study isn't settled yet.",
    fix: "Nothing needs to be done, or settle the study first.",
  },
  NOTHING_TO_REFUND: {
    why: "The study hasn't ended, everything was delivered, or the rest went back already.",
    fix: "Nothing needs to be done, or settle the study first.",
  },
  NOT_A_RESEARCHER: {
    why: "The institution isn't licensed for research, or its licence isn't live.",
    fix: "The authority has to license it as a researcher.",
  },
  NOT_ASCENDING: {
    why: "The participants that are counted aren't in ascending order, or one is named twice.",
    fix: "Sort them, and name each once.",
  },
  NOT_A_RECIPIENT: {
    why: "Somebody else than the patient or the study's researcher acknowledged a delivery.",
    fix: "Have one of them sign.",
  },
  NOT_CANCELLABLE: {
    why: "Only its researcher cancels a study, and only one that was not released.",
    fix: "Wait until it closes and settle it.",
  },
  NOT_RELEASED: {
    why: "The study was not released: enrolment is open, nobody had the consents counted, or fewer stand than its minimum. Or it is closed.",
    fix: "Have them counted when enrolment is over (`releaseStudy`); under its minimum a study releases nothing.",
  },
  NOT_THE_SAME_PATIENT: {
    why: "The grant was signed by somebody else than who joins.",
    fix: "Sign both as the same patient.",
  },
  NOT_THE_STEWARD: {
    why: "Another steward's receipt than the one's that the patient named.",
    fix: "Have the right steward sign.",
  },
  OTHER_DATA: {
    why: "The acknowledgement is of another digest than the steward's receipt.",
    fix: "Have what the receipt names acknowledged.",
  },
  PATIENT_NOT_ATTESTED: {
    why: "The patient has no account with the Data Bank. A cohort counts attested patients only.",
    fix: "Open an account first.",
  },
  REENTRANCY_GUARD_REENTRANT_CALL: {
    why: "A token called back while it moved.",
    fix: "Never happens with the Data Bank's token.",
  },
  SAFE_ERC20_FAILED_OPERATION: {
    why: "A token said that it moved nothing.",
    fix: "Never happens with the Data Bank's token.",
  },
  STUDY_NOT_OPEN: {
    why: "There is no study with this number, or it has ended.",
    fix: "Check the number.",
  },
  TOO_EARLY: {
    why: "The time for this hasn't come: patients may still join, or somebody may still dispute, answer or decide.",
    fix: "Wait until the time that is named.",
  },
  TOO_LATE: {
    why: "The time for this is over.",
    fix: "Nothing: the time is part of the study's terms.",
  },
  WRONG_STAGE: {
    why: "The patient's part in the study has come too far for this, or not far enough.",
    fix: "Look at `participationOf`.",
  },
} satisfies Explanations;
