import { ChartChainError } from "../../errors/index.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { authorizationOf } from "../handover/signed/action.js";
import { verifiedName } from "../people/participants.js";
import { readTerms } from "./terms.js";
import { signatureEpochFor, signedPartOf } from "../people/accounts.js";
import { powersOf } from "../people/delegates.js";
import { listPending } from "./list-pending.js";
import { openOffer, type OfferFile } from "./offer-file.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../people/register.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";

/** Which proposal is meant. */
export interface Approval {
  provider: number;
  /** The digest of the terms that were shown: approving other ones is refused. */
  termsDigest: string;
  /** In whose place a delegate acts; the client's own patient when left out. */
  patient?: number;
}

/** What an approval names on chain. */
interface Agreement {
  patient: number;
  provider: number;
  termsDigest: string;
  nonce: number;
  until: number;
}

/**
 * Approves a proposal. The terms are opened and verified again before anything is signed.
 *
 * @throws NOT_PROPOSED, TERMS_MISMATCH, TERMS_UNAVAILABLE, TERMS_INVALID, WRONG_NONCE
 *
 * @example
 * const [proposal] = await client.listPending();
 * await client.approveRelationship(proposal);
 */
export async function approveRelationship(ctx: Context, approval: Approval): Promise<Sent> {
  const { patient, provider, nonce, termsDigest, until } = await proposed(ctx, approval);
  return send(ctx, "approveRelationship", {
    contract: ctx.contracts.PatientProviderRelationships,
    method: "approve",
    args: [patient, provider, nonce, termsDigest, until],
  });
}

/** Signs the approval of a proposal for somebody else to relay. Throws as {@link approveRelationship} does. */
export async function signApproveRelationship(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...approval }: Approval & { lifetime?: number },
): Promise<SignedActionFile> {
  const message = await approvalOf(ctx, await proposed(ctx, approval), lifetime);
  return signAction(ctx, SIGNED_ACTIONS.approveRelationship, message);
}

/**
 * Accepts a provider's signed offer, in one transaction. Its terms are opened and verified before.
 *
 * @param offer the offer file
 * @throws HANDOVER_…, OFFER_FOR_SOMEBODY_ELSE, TERMS_INVALID, WRONG_NONCE, BLOCKED
 *
 * @example
 * await client.acceptOffer({ offer: JSON.parse(await readFile("offer.json", "utf8")) });
 */
export async function acceptOffer(ctx: Context, { offer }: { offer: unknown }): Promise<Sent> {
  const { file, agreement } = await readOffer(ctx, offer);
  return send(ctx, "acceptOffer", {
    contract: ctx.contracts.PatientProviderRelationships,
    method: "accept",
    args: [agreement, authorizationOf(file)],
  });
}

/** Signs the acceptance of an offer for somebody else to relay: both signatures go into one file. */
export async function signAcceptOffer(
  ctx: Context,
  { offer, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { offer: unknown; lifetime?: number },
): Promise<SignedActionFile> {
  const { file, agreement } = await readOffer(ctx, offer);
  const message = await approvalOf(ctx, agreement, lifetime);
  return signAction(ctx, SIGNED_ACTIONS.acceptOffer, message, { offer: signedPartOf(file) });
}

async function proposed(ctx: Context, { provider, termsDigest, patient: of }: Approval): Promise<Agreement> {
  const patient = of ?? (await ownId(ctx));
  const proposal = (await listPending(ctx, { patient })).find((pending) => pending.provider === provider);
  if (proposal === undefined) {
    throw new ChartChainError("NOT_PROPOSED", `provider ${provider} has no open proposal`, {
      details: { provider },
      hint: "List the pending proposals: it lapsed, was withdrawn or was answered already.",
    });
  }
  if (proposal.termsDigest !== termsDigest) {
    throw new ChartChainError("TERMS_MISMATCH", `provider ${provider} now proposes other terms than the ones shown`, {
      details: { shown: termsDigest, proposed: proposal.termsDigest },
      hint: "Read the new terms before approving.",
    });
  }
  if (proposal.problem !== undefined) {
    // Throws what listPending only noted.
    await verifiedName(ctx, provider);
    await readTerms(ctx, patient, provider, proposal);
  }
  const { nonce, until } = proposal;
  return { patient, provider, termsDigest, nonce, until };
}

async function readOffer(ctx: Context, offer: unknown): Promise<{ file: OfferFile; agreement: Agreement }> {
  const file = await openOffer(ctx, offer);
  const { deadline, ...agreement } = file.message;
  const { patient } = agreement;
  const own = await ownId(ctx);
  if (patient !== own && !(await powersOf(ctx, { patient, delegate: own }))?.approve) {
    throw new ChartChainError("OFFER_FOR_SOMEBODY_ELSE", `the offer is for participant ${patient}`, {
      details: { patient, own },
      hint: "Only the patient it names can accept it, or a delegate who may.",
    });
  }
  if (deadline < (await currentTime(ctx))) {
    throw new ChartChainError("HANDOVER_EXPIRED", "the offer is past its deadline", {
      hint: "Ask the provider for a new offer.",
    });
  }
  await verifiedName(ctx, agreement.provider);
  await readTerms(ctx, agreement.patient, agreement.provider, agreement);
  return { file, agreement };
}

async function approvalOf(ctx: Context, agreement: Agreement, lifetime: number) {
  const providerName = await verifiedName(ctx, agreement.provider);
  const signatureEpoch = await signatureEpochFor(ctx, agreement.patient);
  const deadline = (await currentTime(ctx)) + lifetime;
  return { ...agreement, providerName, signatureEpoch, deadline };
}
