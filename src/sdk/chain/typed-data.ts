import type { TypedDataDomain, TypedDataField } from "ethers";

import { CATEGORIES, categoriesOf } from "../vocabulary.js";
import { addressOf } from "./contracts.js";
import type { Deployment } from "./deployment.js";

/** The EIP-712 types that the contracts know, each with the contract that checks it. */
export interface SignedType {
  contract: string;
  primaryType: string;
  types: Record<string, TypedDataField[]>;
}

const fields = (text: string): TypedDataField[] =>
  text.split(",").map((field) => {
    const [type = "", name = ""] = field.trim().split(" ");
    return { type, name };
  });

const CATEGORY_FIELDS = CATEGORIES.map((name) => ({ type: "bool", name: name.toLowerCase() }));

function signedType(contract: string, primaryType: string, text: string): SignedType {
  const types: Record<string, TypedDataField[]> = { [primaryType]: fields(text) };
  if (text.includes("Categories ")) types["Categories"] = CATEGORY_FIELDS;
  return { contract, primaryType, types };
}

/** What names a grant for the one who signs: verified names, and a word for every category. */
const SCOPE =
  "uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName";

/** Registration of a person. */
export const PATIENT_REGISTRATION = signedType(
  "Registrar",
  "PatientRegistration",
  "address account, bytes32 keyDocument, uint48 deadline",
);
/** A provider's statement who is behind an account. */
export const IDENTITY_ATTESTATION = signedType(
  "Registrar",
  "IdentityAttestation",
  "uint40 issuer, address account, bytes32 commitment, uint48 deadline",
);
/** A provider's offer. */
export const RELATIONSHIP_OFFER = signedType(
  "PatientProviderRelationships",
  "RelationshipOffer",
  "uint40 patient, uint40 provider, bytes32 termsDigest, uint24 nonce, uint40 until, uint48 deadline",
);
/** A patient's approval of a proposal or an offer. */
export const RELATIONSHIP_APPROVAL = signedType(
  "PatientProviderRelationships",
  "RelationshipApproval",
  "uint40 patient, uint40 provider, string providerName, bytes32 termsDigest, uint24 nonce, uint40 until, uint32 signatureEpoch, uint48 deadline",
);
export const RELATIONSHIP_DECLINE = signedType(
  "PatientProviderRelationships",
  "RelationshipDecline",
  "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline",
);
export const RELATIONSHIP_END = signedType(
  "PatientProviderRelationships",
  "RelationshipEnd",
  "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline",
);
export const RELATIONSHIP_SUSPENSION = signedType(
  "PatientProviderRelationships",
  "RelationshipSuspension",
  "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline",
);
export const RELATIONSHIP_RESUMPTION = signedType(
  "PatientProviderRelationships",
  "RelationshipResumption",
  "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint32 signatureEpoch, uint48 deadline",
);
export const PROVIDER_BLOCK = signedType(
  "PatientProviderRelationships",
  "ProviderBlock",
  "uint40 patient, uint40 provider, string providerName, uint16 blocks, uint48 deadline",
);
export const PROVIDER_UNBLOCK = signedType(
  "PatientProviderRelationships",
  "ProviderUnblock",
  "uint40 patient, uint40 provider, string providerName, uint16 blocks, uint32 signatureEpoch, uint48 deadline",
);
export const GRANT = signedType(
  "Consents",
  "Grant",
  "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
);
/** A grant together with the constraint of the whole grant. */
export const CONSTRAINED_GRANT = signedType(
  "Consents",
  "ConstrainedGrant",
  "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, bytes32 constraintDigest, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
);
export const GRANT_REVOCATION = signedType(
  "Consents",
  "GrantRevocation",
  "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
);
export const VIEWER_REVOCATION = signedType(
  "Consents",
  "ViewerRevocation",
  "uint40 patient, uint40 viewer, string viewerName, uint32 generation, uint48 deadline",
);
export const FULL_REVOCATION = signedType(
  "Registrar",
  "FullRevocation",
  "uint40 patient, uint32 accessEpoch, uint48 deadline",
);
/** Several revocations and grants under one signature. */
export const CONSENT_CHANGES: SignedType = {
  contract: "Consents",
  primaryType: "ConsentChanges",
  types: {
    ConsentChanges: fields(
      "uint40 patient, RevocationEntry[] revocations, GrantEntry[] grants, uint32 signatureEpoch, uint48 deadline",
    ),
    RevocationEntry: fields(`${SCOPE}, uint32 generation, uint32 version`),
    GrantEntry: fields(`${SCOPE}, bool sensitiveFromAnySteward, uint40 until, uint32 generation, uint32 version`),
    Categories: CATEGORY_FIELDS,
  },
};
export const EMERGENCY_REVIEW = signedType(
  "Consents",
  "EmergencyReview",
  "uint40 patient, uint40 responder, string responderName, uint32 number, bool justified, uint48 deadline",
);
export const DELEGATE_APPOINTMENT = signedType(
  "Delegates",
  "DelegateAppointment",
  "uint40 patient, uint40 delegate, bool approvesRelationships, Categories grants, Categories views, uint40 until, uint32 signatureEpoch, uint32 version, uint48 deadline",
);
export const DELEGATE_DISMISSAL = signedType(
  "Delegates",
  "DelegateDismissal",
  "uint40 patient, uint40 delegate, uint32 version, uint48 deadline",
);
const ACCOUNT_CHANGE = "uint40 participant, address account, uint32 signatureEpoch, uint48 deadline";
/** A new account's word that it wants to act for a participant. */
export const ACCOUNT_ADDITION = signedType("Registrar", "AccountAddition", ACCOUNT_CHANGE);
/** The participant's word that it may. */
export const ACCOUNT_INVITATION = signedType(
  "Registrar",
  "AccountInvitation",
  "uint40 participant, address account, string scope, uint32 signatureEpoch, uint48 deadline",
);
export const ACCOUNT_RETIREMENT = signedType("Registrar", "AccountRetirement", ACCOUNT_CHANGE);
export const ACCOUNT_KEEPING = signedType("Registrar", "AccountKeeping", ACCOUNT_CHANGE);
export const SIGNATURE_CANCELLATION = signedType(
  "Registrar",
  "SignatureCancellation",
  "uint40 participant, uint32 signatureEpoch, uint48 deadline",
);
export const KEY_CHANGE = signedType(
  "Registrar",
  "KeyChange",
  "uint40 participant, bytes32 keyDocument, uint16 keyVersion, uint32 signatureEpoch, uint48 deadline",
);
export const KEY_CHANGE_CANCELLATION = signedType(
  "Registrar",
  "KeyChangeCancellation",
  "uint40 participant, bytes32 keyDocument, uint16 keyVersion, uint32 signatureEpoch, uint48 deadline",
);
export const PATIENT_SETTINGS = signedType(
  "Registrar",
  "PatientSettings",
  "uint40 patient, bool refuseProposalsFromUnknownProviders, uint16 longestGrantInDays, Categories emergencyCategories, uint32 signatureEpoch, uint48 deadline",
);
/** A representative's word, to the clinic that registered a child, that the child is to have another one as well. */
export const REPRESENTATIVE_ADDITION = signedType(
  "Delegates",
  "RepresentativeAddition",
  "uint40 issuer, uint40 child, uint40 representative, uint32 version, uint32 signatureEpoch, uint48 deadline",
);
/** An institution's word to the authority that a child gets a representative. */
export const REPRESENTATIVE_APPOINTMENT = signedType(
  "Delegates",
  "RepresentativeAppointment",
  "uint40 institution, uint40 child, uint40 representative, uint32 version, uint48 deadline",
);
/** An institution's word to the authority that a representative acts no more. */
export const REPRESENTATIVE_END = signedType(
  "Delegates",
  "RepresentativeEnd",
  "uint40 institution, uint40 patient, uint40 representative, uint32 version, uint48 deadline",
);
/** A clinic's statement that a child is in this person's care. */
export const CHILD_REGISTRATION = signedType(
  "Registrar",
  "ChildRegistration",
  "uint40 issuer, uint40 representative, bytes32 keyDocument, bytes32 commitment, uint16 comesOfAgeIn, uint48 deadline",
);
export const CHILD_REPRESENTATION = signedType(
  "Registrar",
  "ChildRepresentation",
  "uint40 representative, uint40 issuer, bytes32 keyDocument, bytes32 commitment, uint16 comesOfAgeIn, uint32 signatureEpoch, uint48 deadline",
);
/** A clinic's statement that a child came of age and has this account. */
export const COMING_OF_AGE = signedType(
  "Registrar",
  "ComingOfAge",
  "uint40 issuer, uint40 child, address account, bytes32 keyDocument, uint48 deadline",
);
/** The new account's word that it wants to be that of a child that came of age. */
export const COMING_OF_AGE_ACCOUNT = signedType(
  "Registrar",
  "ComingOfAgeAccount",
  "uint40 child, address account, bytes32 keyDocument, uint48 deadline",
);
export const GUARDIAN_CHANGE = signedType(
  "Registrar",
  "GuardianChange",
  "uint40 participant, bytes32 guardiansDigest, uint32 signatureEpoch, uint48 deadline",
);
export const RECOVERY_APPROVAL = signedType(
  "Registrar",
  "RecoveryApproval",
  "uint40 guardian, uint40 participant, uint40 starter, uint16 number, address newAccount, uint48 deadline",
);
export const RECOVERY_VETO = signedType(
  "Registrar",
  "RecoveryVeto",
  "uint40 participant, uint40 starter, uint16 number, uint48 deadline",
);
export const RECOVERY_ACCEPTANCE = signedType(
  "Registrar",
  "RecoveryAcceptance",
  "uint40 participant, address account, bytes32 keyDocument, uint40 starter, uint16 number, uint48 deadline",
);
/** A patient's wish to have an account with the Data Bank. */
export const ACCOUNT_OPENING = signedType(
  "DataBank",
  "AccountOpening",
  "uint40 patient, uint40 issuer, bytes32 commitment, uint32 signatureEpoch, uint48 deadline",
);
/** A steward's word that a patient's record was deposited with it in a season. */
export const DEPOSIT_STATEMENT = signedType(
  "DataBank",
  "DepositStatement",
  "uint40 steward, uint40 patient, uint32 season, bytes32 recordDigest, uint48 deadline",
);
export const INTEREST_CLAIM = signedType(
  "DataBank",
  "InterestClaim",
  "uint40 patient, uint40 steward, uint32 season, uint32 signatureEpoch, uint48 deadline",
);
export const INTEREST_WITHDRAWAL = signedType(
  "DataBank",
  "InterestWithdrawal",
  "uint40 patient, address to, uint256 amount, uint24 withdrawal, uint32 signatureEpoch, uint48 deadline",
);
/** A patient's consent to take part in a study. The grant that it needs is signed apart. */
export const STUDY_JOIN = signedType(
  "Studies",
  "StudyJoin",
  "uint40 patient, uint64 study, uint40 researcher, string researcherName, uint40 steward, string stewardName, bytes32 termsDigest, uint96 price, uint24 minimum, uint32 signatureEpoch, uint48 deadline",
);
export const STUDY_WITHDRAWAL = signedType(
  "Studies",
  "StudyWithdrawal",
  "uint40 patient, uint64 study, uint48 deadline",
);
/** A steward's word that it delivered a patient's data to a study. */
export const DELIVERY_RECEIPT = signedType(
  "Studies",
  "DeliveryReceipt",
  "uint40 steward, uint64 study, uint40 patient, bytes32 dataDigest, uint48 deadline",
);
export const DELIVERY_DISPUTE = signedType(
  "Studies",
  "DeliveryDispute",
  "uint40 patient, uint64 study, uint48 deadline",
);
/** A patient's or a researcher's word that it has what a steward delivered. */
export const DELIVERY_ACKNOWLEDGEMENT = signedType(
  "Studies",
  "DeliveryAcknowledgement",
  "uint40 recipient, uint64 study, uint40 patient, bytes32 dataDigest, uint48 deadline",
);
export const STUDY_PAYOUT = signedType(
  "Studies",
  "StudyPayout",
  "uint40 patient, uint64 study, address to, uint32 signatureEpoch, uint48 deadline",
);
/** Whoever hands out compartment keys signs them: HPKE's base mode names no sender. Checked off chain only. */
export const KEY_RELEASE = signedType(
  "Consents",
  "KeyRelease",
  "uint40 patient, uint40 granter, uint40 recipient, uint32 recipientKeyVersion, string purpose, bytes32[] wraps, uint48 issuedAt",
);

/** What a patient wishes for emergencies. For stewards' software; no contract knows it. */
export const EMERGENCY_WISH = signedType(
  "Consents",
  "EmergencyWish",
  "uint40 patient, string showSensitive, bool sayThatMoreExists, uint48 signedAt",
);

/** Who changed keys proves to hold the new one. Checked off chain only. */
export const KEY_CONFIRMATION = signedType(
  "Registrar",
  "KeyConfirmation",
  "uint40 participant, uint40 holder, uint16 keyVersion, bytes32 nonce",
);

/**
 * An author says that it anchored this for a patient. `count` is 0 for a single digest, else that of a batch. Checked off
 * chain only.
 */
export const ANCHOR_STATEMENT = signedType(
  "Records",
  "AnchorStatement",
  "uint40 patient, uint40 author, bytes32 digest, uint16 count",
);

/** A record's author says that it was entered in error. Checked off chain only. */
export const RECORD_RETRACTION = signedType(
  "Records",
  "RecordRetraction",
  "uint40 patient, uint40 author, bytes32 record, bytes32 retraction, string category, string reason, uint32 keyHolders, uint40 retractedAt",
);

/** What stands for every steward in a grant that a wallet shows. */
export const EVERY_STEWARD_NAME = "every steward";

/** The domain under which a contract checks signatures. */
export const domainOf = (deployment: Deployment, contract: string): TypedDataDomain => ({
  name: "ChartChain",
  version: "1",
  chainId: deployment.chainId,
  verifyingContract: addressOf(deployment, contract),
});

/** A category mask as the struct `Categories`. */
export const categoriesMessage = (mask: number): Record<string, boolean> =>
  Object.fromEntries(CATEGORIES.map((name) => [name.toLowerCase(), categoriesOf(mask).includes(name)]));

/** The mask of a struct `Categories`. */
export const categoriesMaskOf = (message: Record<string, boolean>): number =>
  CATEGORIES.reduce((mask, name, lane) => (message[name.toLowerCase()] === true ? mask | (1 << lane) : mask), 0);
