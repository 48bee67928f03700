import { send, type Sent } from "../chain/transactions.js";
import { RELATIONSHIP_OFFER } from "../handover/signed/relationships.js";
import { currentTime, ownId, requireSigner, type Context } from "../context.js";
import { header } from "../handover/file.js";
import { signMessage } from "../handover/signature.js";
import type { OfferFile } from "./offer-file.js";
import { termsFile, writeTerms, type TermsFile, type TermsInput } from "./terms.js";
import { wholeMinute } from "../time.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../people/register.js";

/** Whom a relationship is proposed to, and on what terms. */
export interface ProposalInput extends Omit<TermsInput, "until"> {
  /** The patient's participant id. */
  patient: number;
  /** When the relationship ends, in seconds since 1970, counted to the minute; left out: it doesn't. */
  until?: number;
}

/** A proposal that is now on chain. */
export interface Proposed extends Sent {
  nonce: number;
  /** Salted digest of the sealed terms. */
  termsDigest: string;
  /** For who answers: nobody approves without it. */
  terms: TermsFile;
}

/**
 * Proposes a relationship on chain: seals the terms to the patient, and names their salted digest. The terms travel in the
 * file: hand it to the patient.
 *
 * @throws UNKNOWN_PARTICIPANT, READER_NOT_EMPOWERED, NOT_A_PATIENT, NOT_A_LICENSED_PROVIDER, ALREADY_OPEN, BLOCKED,
 *   INVALID_END
 *
 * @example
 * const { nonce, terms } = await clinic.proposeRelationship({ patient: 7 });
 */
export async function proposeRelationship(ctx: Context, input: ProposalInput): Promise<Proposed> {
  const provider = await ownId(ctx);
  const until = wholeMinute(input.until ?? 0);
  const account = await requireSigner(ctx).getAddress();
  // Before anything is sealed for a proposal that the contract would refuse.
  await ctx.contracts.Registrar.authenticateProvider(account);
  const { termsDigest, ...sealed } = await writeTerms(ctx, input.patient, provider, { ...input, until });
  const sent = await send(ctx, "proposeRelationship", {
    contract: ctx.contracts.PatientProviderRelationships,
    method: "propose",
    args: [input.patient, termsDigest, until],
  });
  const nonce = Number(sent.events["RelationshipProposed"]?.["nonce"]);
  return { ...sent, termsDigest, nonce, terms: termsFile(ctx, input.patient, provider, sealed) };
}

/**
 * Offers a relationship off chain: nothing is sent, and nobody can be flooded. One offer can be accepted once.
 *
 * @param lifetime how long the offer counts, in seconds
 * @throws UNKNOWN_PARTICIPANT, READER_NOT_EMPOWERED
 *
 * @example
 * const offer = await clinic.offerRelationship({ patient: 7 });
 */
export async function offerRelationship(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...input }: ProposalInput & { lifetime?: number },
): Promise<OfferFile> {
  const provider = await ownId(ctx);
  const { patient } = input;
  const until = wholeMinute(input.until ?? 0);
  const { termsDigest, ...sealed } = await writeTerms(ctx, patient, provider, { ...input, until });
  const current = await ctx.contracts.PatientProviderRelationships.relationship(patient, provider);
  const deadline = (await currentTime(ctx)) + lifetime;
  const nonce = Number(current.nonce) + 1;
  const signed = await signMessage(ctx, RELATIONSHIP_OFFER, { patient, provider, termsDigest, nonce, until, deadline });
  return { ...header(ctx, "chartchain/offer"), ...signed, ...sealed };
}

/** Takes back a proposal. Throws NOT_PROPOSED. */
export const withdrawProposal = (ctx: Context, { patient }: { patient: number }): Promise<Sent> =>
  send(ctx, "withdrawProposal", {
    contract: ctx.contracts.PatientProviderRelationships,
    method: "withdraw",
    args: [patient],
  });
