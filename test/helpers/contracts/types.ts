import { type TypedDataField } from "ethers";

/**
 * The signed actions as EIP-712 types, written from the contracts' type texts and apart from the SDK's: two twins that
 * have to agree with the contracts and never with each other alone.
 */
export const TYPES = {
  PatientRegistration: fields("address account, bytes32 keyDocument, uint48 deadline"),
  IdentityAttestation: fields("uint40 issuer, address account, bytes32 commitment, uint48 deadline"),
  AccountAddition: fields("uint40 participant, address account, uint32 signatureEpoch, uint48 deadline"),
  AccountInvitation: fields(
    "uint40 participant, address account, string scope, uint32 signatureEpoch, uint48 deadline",
  ),
  AccountRetirement: fields("uint40 participant, address account, uint32 signatureEpoch, uint48 deadline"),
  AccountKeeping: fields("uint40 participant, address account, uint32 signatureEpoch, uint48 deadline"),
  FullRevocation: fields("uint40 patient, uint32 accessEpoch, uint48 deadline"),
  SignatureCancellation: fields("uint40 participant, uint32 signatureEpoch, uint48 deadline"),
  KeyChange: fields(
    "uint40 participant, bytes32 keyDocument, uint16 keyVersion, uint32 signatureEpoch, uint48 deadline",
  ),
  KeyChangeCancellation: fields(
    "uint40 participant, bytes32 keyDocument, uint16 keyVersion, uint32 signatureEpoch, uint48 deadline",
  ),
  PatientSettings: fields(
    "uint40 patient, bool refuseProposalsFromUnknownProviders, uint16 longestGrantInDays, Categories emergencyCategories, uint32 signatureEpoch, uint48 deadline",
  ),
  ChildRegistration: fields(
    "uint40 issuer, uint40 representative, bytes32 keyDocument, bytes32 commitment, uint16 comesOfAgeIn, uint48 deadline",
  ),
  RepresentativeAddition: fields(
    "uint40 issuer, uint40 child, uint40 representative, uint32 version, uint32 signatureEpoch, uint48 deadline",
  ),
  RepresentativeAppointment: fields(
    "uint40 institution, uint40 child, uint40 representative, uint32 version, uint48 deadline",
  ),
  RepresentativeEnd: fields(
    "uint40 institution, uint40 patient, uint40 representative, uint32 version, uint48 deadline",
  ),
  ChildRepresentation: fields(
    "uint40 representative, uint40 issuer, bytes32 keyDocument, bytes32 commitment, uint16 comesOfAgeIn, uint32 signatureEpoch, uint48 deadline",
  ),
  ComingOfAge: fields("uint40 issuer, uint40 child, address account, bytes32 keyDocument, uint48 deadline"),
  ComingOfAgeAccount: fields("uint40 child, address account, bytes32 keyDocument, uint48 deadline"),
  GuardianChange: fields("uint40 participant, bytes32 guardiansDigest, uint32 signatureEpoch, uint48 deadline"),
  RecoveryApproval: fields(
    "uint40 guardian, uint40 participant, uint40 starter, uint16 number, address newAccount, uint48 deadline",
  ),
  RecoveryVeto: fields("uint40 participant, uint40 starter, uint16 number, uint48 deadline"),
  RecoveryAcceptance: fields(
    "uint40 participant, address account, bytes32 keyDocument, uint40 starter, uint16 number, uint48 deadline",
  ),
  DelegateAppointment: fields(
    "uint40 patient, uint40 delegate, bool approvesRelationships, Categories grants, Categories views, uint40 until, uint32 signatureEpoch, uint32 version, uint48 deadline",
  ),
  DelegateDismissal: fields("uint40 patient, uint40 delegate, uint32 version, uint48 deadline"),
  RelationshipOffer: fields(
    "uint40 patient, uint40 provider, bytes32 termsDigest, uint24 nonce, uint40 until, uint48 deadline",
  ),
  RelationshipApproval: fields(
    "uint40 patient, uint40 provider, string providerName, bytes32 termsDigest, uint24 nonce, uint40 until, uint32 signatureEpoch, uint48 deadline",
  ),
  RelationshipDecline: fields("uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline"),
  RelationshipEnd: fields("uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline"),
  RelationshipSuspension: fields("uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline"),
  RelationshipResumption: fields(
    "uint40 patient, uint40 provider, string providerName, uint24 nonce, uint32 signatureEpoch, uint48 deadline",
  ),
  ProviderBlock: fields("uint40 patient, uint40 provider, string providerName, uint16 blocks, uint48 deadline"),
  ProviderUnblock: fields(
    "uint40 patient, uint40 provider, string providerName, uint16 blocks, uint32 signatureEpoch, uint48 deadline",
  ),
  Grant: fields(
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
  ),
  ConstrainedGrant: fields(
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, bytes32 constraintDigest, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
  ),
  GrantRevocation: fields(
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, uint32 signatureEpoch, uint32 generation, uint32 version, uint48 deadline",
  ),
  ViewerRevocation: fields("uint40 patient, uint40 viewer, string viewerName, uint32 generation, uint48 deadline"),
  ConsentChanges: fields(
    "uint40 patient, RevocationEntry[] revocations, GrantEntry[] grants, uint32 signatureEpoch, uint48 deadline",
  ),
  EmergencyReview: fields(
    "uint40 patient, uint40 responder, string responderName, uint32 number, bool justified, uint48 deadline",
  ),
  AccountOpening: fields("uint40 patient, uint40 issuer, bytes32 commitment, uint32 signatureEpoch, uint48 deadline"),
  DepositStatement: fields("uint40 steward, uint40 patient, uint32 season, bytes32 recordDigest, uint48 deadline"),
  InterestClaim: fields("uint40 patient, uint40 steward, uint32 season, uint32 signatureEpoch, uint48 deadline"),
  InterestWithdrawal: fields(
    "uint40 patient, address to, uint256 amount, uint24 withdrawal, uint32 signatureEpoch, uint48 deadline",
  ),
  StudyJoin: fields(
    "uint40 patient, uint64 study, uint40 researcher, string researcherName, uint40 steward, string stewardName, bytes32 termsDigest, uint96 price, uint24 minimum, uint32 signatureEpoch, uint48 deadline",
  ),
  StudyWithdrawal: fields("uint40 patient, uint64 study, uint48 deadline"),
  DeliveryReceipt: fields("uint40 steward, uint64 study, uint40 patient, bytes32 dataDigest, uint48 deadline"),
  DeliveryDispute: fields("uint40 patient, uint64 study, uint48 deadline"),
  DeliveryAcknowledgement: fields(
    "uint40 recipient, uint64 study, uint40 patient, bytes32 dataDigest, uint48 deadline",
  ),
  StudyPayout: fields("uint40 patient, uint64 study, address to, uint32 signatureEpoch, uint48 deadline"),
} satisfies Record<string, TypedDataField[]>;

export type TypeName = keyof typeof TYPES;

/** The names of the categories, by their numbers. */
export const CATEGORY_NAMES = [
  "summary",
  "medication",
  "observation",
  "diagnostic",
  "care",
  "financial",
  "genomic",
  "sensitive",
] as const;

/** The purposes, by their numbers. */
export const PURPOSES = ["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "HRESCH", "PUBHLTH", "PATRQT"] as const;

/** The structs that the actions are made of. */
const STRUCTS: Record<string, TypedDataField[]> = {
  Categories: CATEGORY_NAMES.map((name) => ({ name, type: "bool" })),
  GrantEntry: fields(
    "uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, uint32 generation, uint32 version",
  ),
  RevocationEntry: fields(
    "uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, uint32 generation, uint32 version",
  ),
};

/** A type with every struct that it names, as EIP-712 wants them. */
export function structsOf(type: TypeName): Record<string, TypedDataField[]> {
  const all: Record<string, TypedDataField[]> = {};
  const add = (name: string, members: TypedDataField[]) => {
    all[name] = members;
    for (const member of members) {
      const inner = member.type.replace("[]", "");
      if (STRUCTS[inner] !== undefined) add(inner, STRUCTS[inner]);
    }
  };
  add(type, TYPES[type]);
  return all;
}

function fields(text: string): TypedDataField[] {
  return text.split(", ").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });
}
