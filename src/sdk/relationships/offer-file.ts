import type { Said } from "../chain/typed-data.js";
import type { Context } from "../context.js";
import { altered, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { checkMessage } from "../handover/signature.js";
import type { SignedMessage } from "../handover/signed/action.js";
import { RELATIONSHIP_OFFER } from "../handover/signed/relationships.js";
import { keepSealed, TERMS_SHAPE, termsDigestOf, type SealedTerms } from "./terms.js";

/** A provider's signed offer: the patient accepts it, or signs it for the clinic to relay. */
export interface OfferFile extends HandoverHeader, SignedMessage<Said<typeof RELATIONSHIP_OFFER>>, SealedTerms {
  kind: "chartchain/offer";
}

const OFFER_SHAPE = { message: is.object, account: is.address, signature: is.hex, ...TERMS_SHAPE };

/**
 * Reads an offer, checks its provider's signature, and takes its terms into the vault.
 *
 * @throws HANDOVER_…
 */
export async function openOffer(ctx: Context, offer: unknown): Promise<OfferFile> {
  const given = parseHandover<OfferFile>(ctx, "chartchain/offer", OFFER_SHAPE, offer);
  const file = await checkMessage(ctx, RELATIONSHIP_OFFER, given, "the offer", "contract");
  if (termsDigestOf(given) !== file.message.termsDigest) throw altered("the terms of the offer");
  keepSealed(ctx, given);
  return file;
}
