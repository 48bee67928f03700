import { ChartChainError } from "../../src/errors/index.js";
import { RELATIONSHIP_OFFER } from "../../src/sdk/chain/typed-data.js";
import { is, parseHandover } from "../../src/sdk/handover/file.js";
import { checkMessage } from "../../src/sdk/handover/signature.js";
import type { Client, OfferFile } from "../../src/sdk/index.js";
import { readTerms } from "../../src/sdk/terms.js";
import type { ShownProposal } from "./proposal-facts.js";

const SHAPE = { message: is.object, account: is.address, signature: is.hex };

/**
 * What an offer file offers, verified, so that it can be shown before it is accepted. Accepting it verifies it again.
 *
 * @throws HANDOVER_…, OFFER_FOR_SOMEBODY_ELSE, TERMS_UNAVAILABLE, TERMS_INVALID
 */
export async function readOffer(client: Client, file: unknown): Promise<ShownProposal> {
  const offer = parseHandover<OfferFile>(client, "chartchain/offer", SHAPE, file);
  await checkMessage(client, RELATIONSHIP_OFFER, offer, "the offer", "contract");
  const { patient, provider, termsDigest, until } = offer.message as Record<string, number> & { termsDigest: string };
  const own = await client.ownId();
  if (patient !== own && !(await client.powersOf({ patient: patient!, delegate: own }))?.approve) {
    throw new ChartChainError("OFFER_FOR_SOMEBODY_ELSE", `the offer is for participant ${String(patient)}`, {
      details: { patient, own },
      hint: "Only the patient it names can accept it, or a delegate who may.",
    });
  }
  const { name, inGoodStanding } = await client.describeParticipant({ id: provider! });
  const terms = await readTerms(client, patient!, provider!, { termsDigest, until: until! });
  return {
    provider: provider!,
    providerName: name,
    licensed: inGoodStanding,
    until: until!,
    terms,
    problem: undefined,
  };
}
