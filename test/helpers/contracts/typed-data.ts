import { type Signer } from "ethers";

import type { Chain } from "../../../devnet/index.js";
import { CATEGORY_NAMES, PURPOSES, structsOf, type TypeName } from "./types.js";

export { PURPOSES, TYPES, type TypeName } from "./types.js";

export const DAY = 24 * 60 * 60;

/** The contracts that signatures are for, and the names of institutions that stand in them. */
interface Signing extends Pick<Chain, "registrar" | "relationships" | "consents"> {
  names: Map<bigint, string>;
}

export type Value = string | bigint | number | boolean | Message | Message[];

/** What a wallet is asked to sign, by the names of the fields. */
export interface Message {
  [field: string]: Value;
}

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
    signature: await signer.signTypedData(domain, structsOf(type), message),
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
export const signOffer = (world: Pick<Signing, "relationships">, signer: Signer, offer: Offer, { deadline }: Until) =>
  authorize(world.relationships, "RelationshipOffer", { ...offer, deadline }, signer);

/** A patient's signature under an offer or a proposal. */
export const signApproval = async (
  world: Pick<Signing, "registrar" | "relationships" | "names">,
  signer: Signer,
  offer: Offer,
  { deadline }: Until,
) => {
  const [, signatureEpoch] = await world.registrar.epochsOf(offer.patient);
  const message = { ...offer, providerName: world.names.get(offer.provider) ?? "", signatureEpoch, deadline };
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

export type Counters = Partial<Record<"signatureEpoch" | "generation" | "version", bigint>>;

/** The message of a `Grant`, under the counters as they are now unless told otherwise. */
export async function grantMessage(
  world: Pick<Signing, "consents" | "names" | "registrar">,
  patient: bigint,
  given: Grant,
  { deadline }: Until,
  counters: Counters = {},
): Promise<Message> {
  const [state] = await world.consents.grantOf(patient, given.viewer, given.purpose, given.steward);
  const [, signatureEpoch] = await world.registrar.epochsOf(patient);
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
    signatureEpoch: counters.signatureEpoch ?? signatureEpoch,
    generation: counters.generation ?? state.generation,
    version: counters.version ?? state.version,
    deadline,
  };
}

/** A signature under a grant: the patient's own, or that of a delegate of `patient`. */
export async function signGrant(
  world: Pick<Signing, "consents" | "names" | "registrar">,
  signer: Signer,
  given: Grant,
  until: Until,
  counters: Counters = {},
  patient?: bigint,
) {
  patient ??= await world.registrar.participantOf(await signer.getAddress());
  return authorize(world.consents, "Grant", await grantMessage(world, patient, given, until, counters), signer);
}

/** A signature under a grant with a constraint: the patient's own, or that of a delegate of `patient`. */
export async function signConstrainedGrant(
  world: Pick<Signing, "consents" | "names" | "registrar">,
  signer: Signer,
  given: Grant,
  constraintDigest: string,
  until: Until,
  counters: Counters = {},
  patient?: bigint,
) {
  patient ??= await world.registrar.participantOf(await signer.getAddress());
  const message = { ...(await grantMessage(world, patient, given, until, counters)), constraintDigest };
  return authorize(world.consents, "ConstrainedGrant", message, signer);
}

/** A signature under the revocation of a grant: the patient's own, or that of a delegate of `patient`. */
export async function signGrantRevocation(
  world: Pick<Signing, "consents" | "names" | "registrar">,
  signer: Signer,
  given: Grant,
  until: Until,
  counters: Counters = {},
  patient?: bigint,
) {
  patient ??= await world.registrar.participantOf(await signer.getAddress());
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

/** A `Grant` message without what the entry of a batch says only once. */
function entryOf(message: Message): Message {
  const entry = { ...message };
  for (const field of ["patient", "signatureEpoch", "deadline"]) delete entry[field];
  return entry;
}

/** A patient's signature under several revocations and grants at once. */
export async function signConsentChanges(
  world: Pick<Signing, "consents" | "names" | "registrar">,
  signer: Signer,
  revocations: readonly Omit<Grant, "until" | "sensitiveFromAnySteward">[],
  grants: readonly Grant[],
  until: Until,
) {
  const patient = await world.registrar.participantOf(await signer.getAddress());
  const [, signatureEpoch] = await world.registrar.epochsOf(patient);
  const message = {
    patient,
    revocations: await Promise.all(
      revocations.map(async (scope) => {
        const given = { ...scope, until: 0n, sensitiveFromAnySteward: false };
        return entryOf(revocationOf(await grantMessage(world, patient, given, until)));
      }),
    ),
    grants: await Promise.all(grants.map(async (given) => entryOf(await grantMessage(world, patient, given, until)))),
    signatureEpoch,
    deadline: until.deadline,
  };
  return authorize(world.consents, "ConsentChanges", message, signer);
}

/** A signature under the revocation of everything that a viewer has: the patient's own, or a delegate's of `patient`. */
export async function signViewerRevocation(
  world: Pick<Signing, "consents" | "names" | "registrar">,
  signer: Signer,
  viewer: bigint,
  { deadline }: Until,
  patient?: bigint,
) {
  patient ??= await world.registrar.participantOf(await signer.getAddress());
  const generation = await world.consents.generationOf(patient, viewer);
  const message = { patient, viewer, viewerName: world.names.get(viewer) ?? "", generation, deadline };
  return authorize(world.consents, "ViewerRevocation", message, signer);
}

/** A patient's signature under the revocation of everything. */
export async function signFullRevocation(world: Pick<Signing, "registrar">, signer: Signer, { deadline }: Until) {
  const patient = await world.registrar.participantOf(await signer.getAddress());
  const [accessEpoch] = await world.registrar.epochsOf(patient);
  return authorize(world.registrar, "FullRevocation", { patient, accessEpoch, deadline }, signer);
}
