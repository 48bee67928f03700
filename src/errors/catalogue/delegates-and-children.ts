import type { Explanations } from "./explanation.js";

export const DELEGATES_AND_CHILDREN = {
  ALREADY_APPOINTED: {
    why: "The contract refuses when an institution appoints somebody who is appointed, or announced, already.",
    fix: "Somebody appointed, or announced, this representative already: that has to end first.",
  },
  APPOINTED_BY_INSTITUTION: {
    why: "The contract refuses when the patient, or the delegate, would change or end what an institution appointed.",
    fix: "An institution appointed the representative: the patient dismisses it during the notice; later the institution ends it.",
  },
  ATTESTATION_FOR_SOMEBODY_ELSE: {
    why: "The clinic's attestation of a child names another representative.",
    fix: "Only the person it names can register the child; else ask the clinic for a new one.",
  },
  DELEGATE_IS_PATIENT: {
    why: "The contract refuses when a patient appoints himself or herself.",
    fix: "A patient needs no powers over his or her own records.",
  },
  DELEGATE_NOT_A_PERSON: {
    why: "The contract refuses when a delegate isn't a person.",
    fix: "Name a person as the delegate.",
  },
  INVALID_DELEGATE_TERM: {
    why: "The contract refuses when a delegate's term is over or longer than `MAX_DELEGATE_TERM` (seconds).",
    fix: "Give an end in the future, ten years ahead at the most.",
  },
  INVALID_YEAR: {
    why: "The contract refuses when a year of coming of age is over, or too far ahead.",
    fix: "Name the calendar year in which the child comes of age.",
  },
  MISSING_POWERS: {
    why: "The contract refuses when a delegate would have no power.",
    fix: "Give at least one power.",
  },
  NOT_A_CHILD: {
    why: "The contract refuses when the participant isn't a child, or no longer.",
    fix: "The participant isn't a child, or came of age already.",
  },
  NOT_A_DELEGATE: {
    why: "The contract refuses when a delegate is dismissed who isn't one.",
    fix: "There is nothing to resign from.",
  },
  NOT_A_LICENSED_COURT: {
    why: "The contract refuses when `id` isn't licensed as a court.",
    fix: "The authority has to license the institution as a court, or its licence has to be renewed.",
  },
  NOT_EMPOWERED: {
    why: "The contract refuses when `actor` is neither the patient nor a delegate who may do this.",
    fix: "Only the patient does that, or a delegate with this power.",
  },
  NOT_THE_ISSUER: {
    why: "The contract refuses when an institution is neither the licensed issuer of a child nor a court where it has to be.",
    fix: "The licensed provider that registered the child does that; with the authority also a court.",
  },
  NOT_THE_REGISTRAR: {
    why: "The contract refuses when somebody but the Registrar writes a child's first representative.",
    fix: "Register a child with the Registrar, which writes its first representative.",
  },
  NOT_THE_REPRESENTATIVE: {
    why: "The contract refuses when `actor` is neither the patient nor a representative, or no longer.",
    fix: "Only the person does that, or a representative with every power; a child's until the year of coming of age ends.",
  },
  NOT_THE_SOURCE: {
    why: "The contract refuses when an institution ends what it didn't appoint, or what isn't for it alone to end.",
    fix: "The institution that appointed the representative ends it; for a child, or as a court, with the authority.",
  },
  ONLY_KNOWN_PROVIDERS: {
    why: "The contract refuses when the patient lets only providers propose that once stood in the patient's list.",
    fix: "The patient takes no proposals from unknown providers: hand an offer over.",
  },
  PATIENT_IS_A_CHILD: {
    why: "The contract refuses when a court alone appoints for a child, who couldn't dismiss anybody.",
    fix: "A child can't dismiss anybody: a court appoints for it with the authority.",
  },
  PATIENT_NOT_A_CHILD: {
    why: "The contract refuses when a child's representative is appointed for somebody who isn't a child, or no longer.",
    fix: "The participant isn't a child, or the year in which it comes of age is over.",
  },
  PATIENT_NOT_A_PERSON: {
    why: "The contract refuses when a representative is appointed for somebody who isn't a person.",
    fix: "Use the participant id of a patient.",
  },
  TOO_YOUNG: {
    why: "The contract refuses before the year begins in which the child comes of age.",
    fix: "Wait for the year in which the child comes of age.",
  },
} satisfies Explanations;
