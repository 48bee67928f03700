import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { nameForReduction, verifiedName } from "../people/participants.js";
import { signatureEpochFor } from "../people/accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../people/register.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";

/** A relationship that the client's person answers for: the own one unless another patient is named, as a delegate does. */
export interface RelationshipWith {
  provider: number;
  patient?: number;
}

/** The same, signed for somebody else to relay: how long the signature counts, in seconds. */
export type SignedRelationshipWith = RelationshipWith & { lifetime?: number };

/** Declines a proposal. Throws NOT_PROPOSED, NOT_EMPOWERED. */
export async function declineRelationship(ctx: Context, input: RelationshipWith): Promise<Sent> {
  const patient = await patientOf(ctx, input);
  const { nonce } = await countersOf(ctx, patient, input.provider);
  return change(ctx, "declineRelationship", "decline", [patient, input.provider, nonce]);
}

/** Signs the refusal of a proposal for somebody else to relay. */
export const signDeclineRelationship = async (ctx: Context, input: SignedRelationshipWith): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.declineRelationship, await reductionOf(ctx, "nonce", input));

/** Ends a relationship; records and grants stay. Either side may. Throws NOT_OPEN, NOT_EMPOWERED. */
export const endRelationship = (
  ctx: Context,
  { patient, provider }: { patient: number; provider: number },
): Promise<Sent> => change(ctx, "endRelationship", "end", [patient, provider]);

/** Signs the end of a relationship, as the patient, for somebody else to relay. */
export const signEndRelationship = async (ctx: Context, input: SignedRelationshipWith): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.endRelationship, await reductionOf(ctx, "nonce", input));

/** Suspends an active relationship. Either side may. Throws NOT_ACTIVE, NOT_EMPOWERED. */
export const suspendRelationship = (
  ctx: Context,
  { patient, provider }: { patient: number; provider: number },
): Promise<Sent> => change(ctx, "suspendRelationship", "suspend", [patient, provider]);

/** Signs a suspension, as the patient, for somebody else to relay. */
export const signSuspendRelationship = async (ctx: Context, input: SignedRelationshipWith): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.suspendRelationship, await reductionOf(ctx, "nonce", input));

/** Resumes a relationship that the same side suspended. Throws NOT_SUSPENDED_BY, NOT_EMPOWERED, RECOVERY_PENDING. */
export const resumeRelationship = (
  ctx: Context,
  { patient, provider }: { patient: number; provider: number },
): Promise<Sent> => change(ctx, "resumeRelationship", "resume", [patient, provider]);

/** Signs, as the patient, that a relationship goes on, for somebody else to relay. Throws NAME_UNVERIFIED. */
export const signResumeRelationship = async (ctx: Context, input: SignedRelationshipWith): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.resumeRelationship, await increaseOf(ctx, "nonce", input));

/** Refuses a provider's proposals and offers. Throws BLOCK_UNCHANGED, NOT_EMPOWERED. */
export const blockProvider = async (ctx: Context, input: RelationshipWith): Promise<Sent> =>
  change(ctx, "blockProvider", "blockProvider", [await patientOf(ctx, input), input.provider]);

/** Signs a block for somebody else to relay. */
export const signBlockProvider = async (ctx: Context, input: SignedRelationshipWith): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.blockProvider, await reductionOf(ctx, "blocks", input));

/** Admits a provider's proposals and offers again. Throws BLOCK_UNCHANGED, NOT_EMPOWERED, RECOVERY_PENDING. */
export const unblockProvider = async (ctx: Context, input: RelationshipWith): Promise<Sent> =>
  change(ctx, "unblockProvider", "unblockProvider", [await patientOf(ctx, input), input.provider]);

/** Signs that a provider is admitted again, for somebody else to relay. Throws NAME_UNVERIFIED. */
export const signUnblockProvider = async (ctx: Context, input: SignedRelationshipWith): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.unblockProvider, await increaseOf(ctx, "blocks", input));

const change = (ctx: Context, step: string, method: string, args: number[]): Promise<Sent> =>
  send(ctx, step, { contract: ctx.contracts.PatientProviderRelationships, method, args });

const patientOf = async (ctx: Context, { patient }: RelationshipWith): Promise<number> => patient ?? (await ownId(ctx));

/** Whether a signature names the relationship's nonce, or how often the provider was blocked and unblocked. */
type Counter = "nonce" | "blocks";

/** What every signature about a relationship says, with that counter. */
async function messageOf<Each extends Counter>(
  ctx: Context,
  counter: Each,
  { provider, lifetime = DEFAULT_SIGNATURE_LIFETIME, ...of }: SignedRelationshipWith,
  nameOf: typeof verifiedName,
) {
  const patient = await patientOf(ctx, { provider, ...of });
  const [counters, providerName] = await Promise.all([countersOf(ctx, patient, provider), nameOf(ctx, provider)]);
  const deadline = (await currentTime(ctx)) + lifetime;
  const counted = { [counter]: counters[counter] } as Record<Each, number>;
  return { patient, provider, providerName, ...counted, deadline };
}

const reductionOf = <Each extends Counter>(ctx: Context, counter: Each, input: SignedRelationshipWith) =>
  messageOf(ctx, counter, input, nameForReduction);

async function increaseOf<Each extends Counter>(ctx: Context, counter: Each, input: SignedRelationshipWith) {
  const message = await messageOf(ctx, counter, input, verifiedName);
  return { ...message, signatureEpoch: await signatureEpochFor(ctx, message.patient) };
}

async function countersOf(ctx: Context, patient: number, provider: number): Promise<Record<Counter, number>> {
  const { PatientProviderRelationships } = ctx.contracts;
  const { nonce, blocks } = await PatientProviderRelationships.relationship(patient, provider);
  return { nonce: Number(nonce), blocks: Number(blocks) };
}
