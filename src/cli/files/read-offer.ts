import { ChartChainError } from "../../errors/index.js";
import { openOffer } from "../../sdk/relationships/offer-file.js";
import type { Client } from "../../sdk/index.js";
import { readTerms } from "../../sdk/relationships/terms.js";
import type { ShownProposal } from "../words/proposal-facts.js";

/**
 * What an offer file offers, verified, so that it can be shown before it is accepted. Accepting it verifies it again.
 *
 * @throws HANDOVER_…, OFFER_FOR_SOMEBODY_ELSE, TERMS_INVALID
 */
export async function readOffer(client: Client, file: unknown): Promise<ShownProposal> {
  const offer = await openOffer(client, file);
  const { patient, provider, termsDigest, until } = offer.message;
  const own = await client.ownId();
  if (patient !== own && !(await client.powersOf({ patient: patient, delegate: own }))?.approve) {
    throw new ChartChainError("OFFER_FOR_SOMEBODY_ELSE", `the offer is for participant ${patient}`, {
      details: { patient, own },
      hint: "Only the patient it names can accept it, or a delegate who may.",
    });
  }
  const { name, inGoodStanding } = await client.describeParticipant({ id: provider });
  const terms = await readTerms(client, patient, provider, { termsDigest, until: until });
  return {
    provider: provider,
    providerName: name,
    licensed: inGoodStanding,
    until: until,
    terms,
    problem: undefined,
  };
}
