import { type Signer, type TypedDataField } from "ethers";

import type { World } from "./world.js";

/**
 * The signed actions as EIP-712 types, written from the contracts' type texts and apart from the SDK's: two twins that
 * have to agree with the contracts and never with each other alone.
 */
export const TYPES = {
  PatientRegistration: fields("address account, bytes32 keyDocument, uint48 deadline"),
  IdentityAttestation: fields("uint40 issuer, address account, bytes32 commitment, uint48 deadline"),
  RelationshipOffer: fields(
    "uint40 patient, uint40 provider, bytes32 termsDigest, uint24 nonce, uint40 until, uint48 deadline",
  ),
  RelationshipApproval: fields(
    "uint40 patient, uint40 provider, string providerName, bytes32 termsDigest, uint24 nonce, uint40 until, uint48 deadline",
  ),
  RelationshipDecline: fields("uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline"),
  RelationshipEnd: fields("uint40 patient, uint40 provider, string providerName, uint24 nonce, uint48 deadline"),
  Grant: fields(
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, bool sensitiveFromAnySteward, uint40 until, uint32 accessEpoch, uint32 generation, uint32 version, uint48 deadline",
  ),
  GrantRevocation: fields(
    "uint40 patient, uint40 viewer, string viewerName, string purpose, Categories categories, uint40 steward, string stewardName, uint32 accessEpoch, uint32 generation, uint32 version, uint48 deadline",
  ),
  ViewerRevocation: fields("uint40 patient, uint40 viewer, string viewerName, uint32 generation, uint48 deadline"),
  FullRevocation: fields("uint40 patient, uint32 accessEpoch, uint48 deadline"),
} satisfies Record<string, TypedDataField[]>;

const CATEGORY_NAMES = [
  "summary",
  "medication",
  "observation",
  "diagnostic",
  "care",
  "financial",
  "genomic",
  "sensitive",
] as const;

export const CATEGORIES = CATEGORY_NAMES.map((name) => ({ name, type: "bool" }));

export const PURPOSES = ["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "HRESCH", "PUBHLTH", "PATRQT"] as const;

export const DAY = 24 * 60 * 60;

export type TypeName = keyof typeof TYPES;

export type Message = Record<string, string | bigint | number | boolean | Record<string, boolean>>;

export interface Authorization {
  account: string;
  deadline: bigint;
  signature: string;
}

/** What a signature is made over, where it differs from what the contract expects. */
export interface Twist {
  domain?: { name?: string; version?: string; chainId?: bigint; verifyingContract?: string };
  /** The account that the signature is said to be of, when it isn't the signer's own. */
  account?: string;
  /** The deadline that is submitted, when it isn't the signed one. */
  deadline?: bigint;
}

/** The struct that a wallet shows for a set of categories: bit n is the category with number n. */
export const categoriesOf = (mask: number): Record<string, boolean> =>
  Object.fromEntries(CATEGORY_NAMES.map((name, bit) => [name, ((mask >> bit) & 1) === 1]));

/** Signs one action under the domain ("ChartChain", "1", chain, contract). */
export async function authorize(
  contract: { getAddress(): Promise<string> },
  type: TypeName,
  message: Message,
  signer: Signer,
  twist: Twist = {},
): Promise<Authorization> {
  const verifyingContract = await contract.getAddress();
  const domain = { name: "ChartChain", version: "1", chainId: 31337n, verifyingContract, ...twist.domain };
  return {
    account: twist.account ?? (await signer.getAddress()),
    deadline: twist.deadline ?? BigInt(message.deadline as bigint | number),
    signature: await signer.signTypedData(domain, structs(type), message),
  };
}

export interface Offer {
  patient: bigint;
  provider: bigint;
  termsDigest: string;
  nonce: bigint;
  until: bigint;
}

interface Until {
  deadline: number | bigint;
}

/** A provider's signature under an offer. */
export const signOffer = (world: Pick<World, "relationships">, signer: Signer, offer: Offer, { deadline }: Until) =>
  authorize(world.relationships, "RelationshipOffer", { ...offer, deadline }, signer);

/** A patient's signature under an offer or a proposal. */
export const signApproval = (
  world: Pick<World, "relationships" | "names">,
  signer: Signer,
  offer: Offer,
  { deadline }: Until,
) => {
  const message = { ...offer, providerName: world.names.get(offer.provider) ?? "", deadline };
  return authorize(world.relationships, "RelationshipApproval", message, signer);
};

/** What a patient grants, as the contract takes it. */
export interface Grant {
  viewer: bigint;
  purpose: number;
  steward: bigint;
  categories: number;
  sensitiveFromAnySteward: boolean;
  until: bigint;
}

export type Counters = Partial<Record<"accessEpoch" | "generation" | "version", bigint>>;

/** The message of a `Grant`, under the counters as they are now unless told otherwise. */
export async function grantMessage(
  world: Pick<World, "consents" | "names">,
  patient: bigint,
  given: Grant,
  { deadline }: Until,
  counters: Counters = {},
): Promise<Message> {
  const [state] = await world.consents.grantOf(patient, given.viewer, given.purpose, given.steward);
  return {
    patient,
    viewer: given.viewer,
    viewerName: world.names.get(given.viewer) ?? "",
    purpose: PURPOSES[given.purpose] ?? "",
    categories: categoriesOf(given.categories),
    steward: given.steward,
    stewardName: world.names.get(given.steward) ?? "",
    sensitiveFromAnySteward: given.sensitiveFromAnySteward,
    until: given.until,
    accessEpoch: counters.accessEpoch ?? state.accessEpoch,
    generation: counters.generation ?? state.generation,
    version: counters.version ?? state.version,
    deadline,
  };
}

/** A patient's signature under a grant. */
export async function signGrant(
  world: Pick<World, "consents" | "names" | "registrar">,
  signer: Signer,
  given: Grant,
  until: Until,
  counters: Counters = {},
) {
  const patient = await world.registrar.participantOf(await signer.getAddress());
  return authorize(world.consents, "Grant", await grantMessage(world, patient, given, until, counters), signer);
}

/** A patient's signature under the revocation of a grant. */
export async function signGrantRevocation(
  world: Pick<World, "consents" | "names" | "registrar">,
  signer: Signer,
  given: Grant,
  until: Until,
  counters: Counters = {},
) {
  const patient = await world.registrar.participantOf(await signer.getAddress());
  const message = revocationOf(await grantMessage(world, patient, given, until, counters));
  return authorize(world.consents, "GrantRevocation", message, signer);
}

/** A `Grant` message without what a revocation doesn't name. */
export function revocationOf(grant: Message): Message {
  const message = { ...grant };
  delete message.until;
  delete message.sensitiveFromAnySteward;
  return message;
}

export async function signViewerRevocation(
  world: Pick<World, "consents" | "names" | "registrar">,
  signer: Signer,
  viewer: bigint,
  { deadline }: Until,
) {
  const patient = await world.registrar.participantOf(await signer.getAddress());
  const generation = await world.consents.generationOf(patient, viewer);
  const message = { patient, viewer, viewerName: world.names.get(viewer) ?? "", generation, deadline };
  return authorize(world.consents, "ViewerRevocation", message, signer);
}

export async function signFullRevocation(
  world: Pick<World, "consents" | "registrar">,
  signer: Signer,
  { deadline }: Until,
) {
  const patient = await world.registrar.participantOf(await signer.getAddress());
  const accessEpoch = await world.consents.accessEpochOf(patient);
  return authorize(world.consents, "FullRevocation", { patient, accessEpoch, deadline }, signer);
}

function structs(type: TypeName): Record<string, TypedDataField[]> {
  const all: Record<string, TypedDataField[]> = { [type]: TYPES[type] };
  if (TYPES[type].some((field) => field.type === "Categories")) all.Categories = CATEGORIES;
  return all;
}

function fields(text: string): TypedDataField[] {
  return text.split(", ").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });
}
