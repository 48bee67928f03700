import type { TypedDataDomain, TypedDataField } from "ethers";

import { CATEGORIES, categoriesOf } from "../vocabulary.js";
import type { ContractName, Deployment } from "./deployment.js";

/** The EIP-712 types that the contracts know, each with the contract that checks it. */
export interface SignedType {
  contract: ContractName;
  primaryType: string;
  types: Record<string, TypedDataField[]>;
}

const fields = (text: string): TypedDataField[] =>
  text.split(",").map((field) => {
    const [type = "", name = ""] = field.trim().split(" ");
    return { type, name };
  });

const CATEGORY_FIELDS = CATEGORIES.map((name) => ({ type: "bool", name: name.toLowerCase() }));

function signedType(contract: ContractName, primaryType: string, text: string): SignedType {
  const types: Record<string, TypedDataField[]> = { [primaryType]: fields(text) };
  if (text.includes("Categories ")) types["Categories"] = CATEGORY_FIELDS;
  return { contract, primaryType, types };
}

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
  "uint40 patient, uint40 provider, string providerName, bytes32 termsDigest, uint24 nonce, uint40 until, uint48 deadline",
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
export const GRANT = signedType(
  "Consents",
  "Grant",
  "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, uint32 accessEpoch, uint32 generation, uint32 version, uint48 deadline",
);
export const GRANT_REVOCATION = signedType(
  "Consents",
  "GrantRevocation",
  "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, uint32 accessEpoch, uint32 generation, uint32 version, uint48 deadline",
);
export const VIEWER_REVOCATION = signedType(
  "Consents",
  "ViewerRevocation",
  "uint40 patient, uint40 viewer, string viewerName, uint32 generation, uint48 deadline",
);
export const FULL_REVOCATION = signedType(
  "Consents",
  "FullRevocation",
  "uint40 patient, uint32 accessEpoch, uint48 deadline",
);
/** Whoever hands out compartment keys signs them: HPKE's base mode names no sender. Checked off chain only. */
export const KEY_RELEASE = signedType(
  "Consents",
  "KeyRelease",
  "uint40 patient, uint40 granter, uint40 recipient, uint32 recipientKeyVersion, string purpose, bytes32[] wraps, uint48 issuedAt",
);

/** What stands for every steward in a grant that a wallet shows. */
export const EVERY_STEWARD_NAME = "every steward";

/** The domain under which a contract checks signatures. */
export const domainOf = (deployment: Deployment, contract: ContractName): TypedDataDomain => ({
  name: "ChartChain",
  version: "1",
  chainId: deployment.chainId,
  verifyingContract: deployment.contracts[contract],
});

/** A category mask as the struct `Categories`. */
export const categoriesMessage = (mask: number): Record<string, boolean> =>
  Object.fromEntries(CATEGORIES.map((name) => [name.toLowerCase(), categoriesOf(mask).includes(name)]));

/** The mask of a struct `Categories`. */
export const categoriesMaskOf = (message: Record<string, boolean>): number =>
  CATEGORIES.reduce((mask, name, lane) => (message[name.toLowerCase()] === true ? mask | (1 << lane) : mask), 0);
