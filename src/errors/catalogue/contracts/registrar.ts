import type { Explanations } from "../explanation.js";

export const REGISTRAR = {
  ALREADY_REGISTERED: {
    why: "The account is a participant already.",
    fix: "Nothing needs to be done; or use another account.",
  },
  ALREADY_SUSPENDED: {
    why: "An immediate suspension follows another one that was not lifted by `reinstate`.",
    fix: "Confirm the suspension that is there, or reinstate first.",
  },
  FREEZE_UNCHANGED: {
    why: "The operators of the institution are frozen already, or aren't frozen.",
    fix: "Nothing needs to be done.",
  },
  IDENTITY_ALREADY_LINKED: {
    why: "This issuer's commitment belongs to a participant already.",
    fix: "Resolve it to see whose it is. For another person use another identifier or salt.",
  },
  NO_SUCH_IDENTITY: {
    why: "An attestation is to be withdrawn or restored that this issuer never made.",
    fix: "Check the patient's number. Only the issuer withdraws what it attested.",
  },
  INVALID_ROLES: {
    why: "The licence names no role, or one that doesn't exist.",
    fix: "Name at least one of PROVIDER, PAYER, RESEARCHER, PUBLIC_HEALTH, EMERGENCY.",
  },
  INVALID_TERM: {
    why: "The licence would end in the past.",
    fix: "Give an end in the future.",
  },
  MISSING_KEY_DOCUMENT: {
    why: "The digest of the key document is zero.",
    fix: "Register with the digest of a key document; the SDK does.",
  },
  MISSING_NAME: {
    why: "An institution registers without a name.",
    fix: "Give the public name that wallets will show.",
  },
  NAME_TOO_LONG: {
    why: "An institution registers with a name of more than 200 bytes (UTF-8).",
    fix: "Give a shorter name.",
  },
  NAME_MISMATCH: {
    why: "The licence names another name than the institution registered.",
    fix: "License the registered name, or have the institution register again under the right one.",
  },
  NOT_AN_INSTITUTION: {
    why: "The participant is a person or doesn't exist; only institutions are licensed and suspended.",
    fix: "Check the number.",
  },
  NOT_AN_OWNER: {
    why: "An operator's account did what only an owner of its institution may: accounts, keys, bond, payouts.",
    fix: "Use an account that is an owner of the institution: an operator does its daily work alone.",
  },
  NOT_A_LICENSED_PROVIDER: {
    why: "The account's institution has no live licence with the role PROVIDER.",
    fix: "Have the authority license it or renew the licence; or lift the suspension.",
  },
  NOT_A_PERSON: {
    why: "The account's participant isn't a person; only persons grant, approve by signature, and have attested identities.",
    fix: "Use the account or number of a patient.",
  },
  NOT_REGISTERED: {
    why: "The account belongs to no participant.",
    fix: "Register it first.",
  },
  OPERATOR_FROZEN: {
    why: "The account is an operator of an institution whose operators the authority froze.",
    fix: "Use an owner's account; the authority lets the operators act again.",
  },
  OWNER_PENDING: {
    why: "The account is an owner of an institution that was added less than two days ago.",
    fix: "Wait until the new owner acts: two days after it was added.",
  },
  NOT_SUSPENDED: {
    why: "There is no suspension to confirm or to lift.",
    fix: "Check the number; nothing needs to be done.",
  },
} satisfies Explanations;
