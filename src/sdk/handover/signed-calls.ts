import {
  ACCOUNT_ADDITION,
  ACCOUNT_INVITATION,
  ACCOUNT_KEEPING,
  ACCOUNT_RETIREMENT,
  categoriesMaskOf,
  CHILD_REGISTRATION,
  CHILD_REPRESENTATION,
  COMING_OF_AGE,
  COMING_OF_AGE_ACCOUNT,
  CONSENT_CHANGES,
  CONSTRAINED_GRANT,
  DELEGATE_APPOINTMENT,
  DELEGATE_DISMISSAL,
  EMERGENCY_REVIEW,
  FULL_REVOCATION,
  GRANT,
  GRANT_REVOCATION,
  GUARDIAN_CHANGE,
  IDENTITY_ATTESTATION,
  KEY_CHANGE,
  KEY_CHANGE_CANCELLATION,
  PATIENT_REGISTRATION,
  PATIENT_SETTINGS,
  PROVIDER_BLOCK,
  PROVIDER_UNBLOCK,
  RECOVERY_ACCEPTANCE,
  RECOVERY_APPROVAL,
  RECOVERY_VETO,
  RELATIONSHIP_APPROVAL,
  RELATIONSHIP_DECLINE,
  RELATIONSHIP_END,
  RELATIONSHIP_OFFER,
  RELATIONSHIP_RESUMPTION,
  RELATIONSHIP_SUSPENSION,
  REPRESENTATIVE_ADDITION,
  REPRESENTATIVE_APPOINTMENT,
  REPRESENTATIVE_END,
  SIGNATURE_CANCELLATION,
  VIEWER_REVOCATION,
  type SignedType,
} from "../chain/typed-data.js";
import { OUTCOMES, purposeIndex, scopeIndex } from "../vocabulary.js";
import type { Guardians } from "./guardians.js";
import { BANK_CALLS, STUDY_CALLS } from "../modules/data-bank/signed-calls.js";

// The values were checked by the encoder of the message's EIP-712 type before one of these is asked for.
type Message = Record<string, unknown>;

/** A signature as the contracts take it. */
export interface Authorization {
  account: string;
  deadline: number;
  signature: string;
}

/** What the call needs besides the signed action. */
export interface Attached {
  offer?: Authorization;
  joining?: Authorization;
  attestation?: Authorization;
  /** The grant that a study needs, with its end. */
  consent?: { authorization: Authorization; until: number };
  guardians?: Guardians;
  proof?: readonly string[];
}

/** What can be signed by one and relayed by another: the message's type, and the call that it becomes. */
export interface SignedCall {
  type: SignedType;
  /** The types of the other signatures that belong in the file. */
  attached?: { offer?: SignedType; joining?: SignedType; attestation?: SignedType; consent?: SignedType };
  needsGuardians?: boolean;
  /** Whether the proof of a deposit belongs in the file. */
  needsProof?: boolean;
  call: (m: Message, a: Authorization, with_: Attached) => unknown[];
}

/** What is signed about a relationship that there is reads alike, but for the counter. */
const changeCall = (type: SignedType, method: string, counter: "nonce" | "blocks"): SignedCall => ({
  type,
  call: (m, a) => [method, m["patient"], m["provider"], m[counter], a],
});

const REGISTRAR_CALLS = {
  registerPatient: {
    type: PATIENT_REGISTRATION,
    call: (m, a) => ["registerPatientWithSig", m["keyDocument"], a],
  },
  linkIdentity: {
    type: IDENTITY_ATTESTATION,
    call: (m, a) => ["linkIdentity", m["account"], m["commitment"], a],
  },
  registerChild: {
    type: CHILD_REPRESENTATION,
    attached: { attestation: CHILD_REGISTRATION },
    call: (m, a, { attestation }) => [
      "registerChildWithSig",
      m["keyDocument"],
      m["commitment"],
      m["comesOfAgeIn"],
      attestation,
      a,
    ],
  },
  comeOfAge: {
    type: COMING_OF_AGE,
    attached: { joining: COMING_OF_AGE_ACCOUNT },
    call: (m, a, { joining }) => ["comeOfAge", m["child"], m["keyDocument"], joining, a],
  },
  addAccount: {
    type: ACCOUNT_INVITATION,
    attached: { joining: ACCOUNT_ADDITION },
    call: (m, a, { joining }) => ["addAccountWithSig", scopeIndex(m["scope"] as string), joining, a],
  },
  retireAccount: { type: ACCOUNT_RETIREMENT, call: (m, a) => ["retireAccountWithSig", m["account"], a] },
  keepAccount: { type: ACCOUNT_KEEPING, call: (m, a) => ["keepAccountWithSig", m["account"], a] },
  changeKey: { type: KEY_CHANGE, call: (m, a) => ["changeKeyWithSig", m["keyDocument"], a] },
  changeKeyOfChild: {
    type: KEY_CHANGE,
    call: (m, a) => ["changeKeyOfChildWithSig", m["participant"], m["keyDocument"], a],
  },
  cancelKeyChange: { type: KEY_CHANGE_CANCELLATION, call: (_, a) => ["cancelKeyChangeWithSig", a] },
  changeSettings: {
    type: PATIENT_SETTINGS,
    call: (m, a) => ["changeSettingsWithSig", m["patient"], settingsOf(m), a],
  },
  cancelSignatures: { type: SIGNATURE_CANCELLATION, call: (_, a) => ["cancelSignaturesWithSig", a] },
  revokeAll: { type: FULL_REVOCATION, call: (m, a) => ["revokeAllWithSig", m["patient"], a] },
  changeGuardians: { type: GUARDIAN_CHANGE, call: (m, a) => ["changeGuardiansWithSig", m["guardiansDigest"], a] },
  startRecovery: {
    type: RECOVERY_APPROVAL,
    needsGuardians: true,
    call: (m, a, { guardians }) => ["startRecoveryWithSig", m["participant"], m["newAccount"], guardians, a],
  },
  approveRecovery: {
    type: RECOVERY_APPROVAL,
    needsGuardians: true,
    call: (m, a, { guardians }) => [
      "approveRecoveryWithSig",
      m["participant"],
      m["starter"],
      m["number"],
      guardians,
      a,
    ],
  },
  vetoRecovery: {
    type: RECOVERY_VETO,
    needsGuardians: true,
    call: (m, a, { guardians }) => ["vetoRecoveryWithSig", m["starter"], m["number"], guardians, a],
  },
  executeRecovery: {
    type: RECOVERY_ACCEPTANCE,
    needsGuardians: true,
    call: (m, a, { guardians }) => ["executeRecovery", m["participant"], m["starter"], m["keyDocument"], guardians, a],
  },
} satisfies Record<string, SignedCall>;

const DELEGATE_CALLS = {
  appointDelegate: {
    type: DELEGATE_APPOINTMENT,
    call: (m, a) => [
      "appointWithSig",
      m["delegate"],
      { approving: m["approvesRelationships"], granting: maskOf(m["grants"]), viewing: maskOf(m["views"]) },
      m["until"],
      a,
    ],
  },
  dismissDelegate: {
    type: DELEGATE_DISMISSAL,
    call: (m, a) => ["dismissWithSig", m["delegate"], m["version"], a],
  },
  // For the clinic that registered the child.
  addRepresentative: {
    type: REPRESENTATIVE_ADDITION,
    call: (m, a) => ["addRepresentative", m["child"], m["representative"], a],
  },
  // For the authority.
  appointRepresentative: {
    type: REPRESENTATIVE_APPOINTMENT,
    call: (m, a) => ["appointAsAuthority", m["child"], m["representative"], a],
  },
  endRepresentative: {
    type: REPRESENTATIVE_END,
    call: (m, a) => ["endAsAuthority", m["patient"], m["representative"], a],
  },
} satisfies Record<string, SignedCall>;

const RELATIONSHIP_CALLS = {
  approveRelationship: { type: RELATIONSHIP_APPROVAL, call: (m, a) => ["approveWithSig", offerOf(m), a] },
  acceptOffer: {
    type: RELATIONSHIP_APPROVAL,
    attached: { offer: RELATIONSHIP_OFFER },
    call: (m, a, { offer }) => ["establish", offerOf(m), offer, a],
  },
  declineRelationship: changeCall(RELATIONSHIP_DECLINE, "declineWithSig", "nonce"),
  endRelationship: changeCall(RELATIONSHIP_END, "endWithSig", "nonce"),
  suspendRelationship: changeCall(RELATIONSHIP_SUSPENSION, "suspendWithSig", "nonce"),
  resumeRelationship: changeCall(RELATIONSHIP_RESUMPTION, "resumeWithSig", "nonce"),
  blockProvider: changeCall(PROVIDER_BLOCK, "blockProviderWithSig", "blocks"),
  unblockProvider: changeCall(PROVIDER_UNBLOCK, "unblockProviderWithSig", "blocks"),
} satisfies Record<string, SignedCall>;

const CONSENT_CALLS = {
  grantAccess: { type: GRANT, call: (m, a) => ["grantWithSig", m["patient"], grantOf(m), a] },
  grantConstrained: {
    type: CONSTRAINED_GRANT,
    call: (m, a) => ["grantConstrainedWithSig", m["patient"], grantOf(m), m["constraintDigest"], a],
  },
  revokeGrant: {
    type: GRANT_REVOCATION,
    call: (m, a) => [
      "revokeGrantWithSig",
      m["patient"],
      m["viewer"],
      purposeIndex(m["purpose"] as string),
      m["steward"],
      maskOf(m["categories"]),
      m["version"],
      a,
    ],
  },
  revokeViewer: { type: VIEWER_REVOCATION, call: (m, a) => ["revokeViewerWithSig", m["patient"], m["viewer"], a] },
  changeConsents: {
    type: CONSENT_CHANGES,
    call: (m, a) => [
      "changeConsentsWithSig",
      (m["revocations"] as Message[]).map(scopeOf),
      (m["grants"] as Message[]).map(grantOf),
      a,
    ],
  },
  reviewEmergency: {
    type: EMERGENCY_REVIEW,
    call: (m, a) => [
      "reviewWithSig",
      m["patient"],
      m["responder"],
      m["number"],
      OUTCOMES.indexOf(m["justified"] === true ? "Justified" : "Unjustified"),
      a,
    ],
  },
} satisfies Record<string, SignedCall>;

export const SIGNED_CALLS = {
  ...REGISTRAR_CALLS,
  ...DELEGATE_CALLS,
  ...RELATIONSHIP_CALLS,
  ...CONSENT_CALLS,
  ...BANK_CALLS,
  ...STUDY_CALLS,
};

const maskOf = (categories: unknown): number => categoriesMaskOf(categories as Record<string, boolean>);

const settingsOf = (m: Message) => ({
  knownOnly: m["refuseProposalsFromUnknownProviders"],
  longestGrant: m["longestGrantInDays"],
  emergency: maskOf(m["emergencyCategories"]),
});

const offerOf = (m: Message) => ({
  patient: m["patient"],
  provider: m["provider"],
  termsDigest: m["termsDigest"],
  nonce: m["nonce"],
  until: m["until"],
});

const scopeOf = (m: Message) => ({
  viewer: m["viewer"],
  purpose: purposeIndex(m["purpose"] as string),
  steward: m["steward"],
  categories: maskOf(m["categories"]),
});

const grantOf = (m: Message) => ({
  ...scopeOf(m),
  sensitiveFromAnySteward: m["sensitiveFromAnySteward"],
  until: m["until"],
});
