import type { TakenDelivery, ProposalInput, Proposed, Purpose } from "../src/sdk/index.js";
import type { Actor } from "./actor.js";

/** What a handover file is after it was written and read: the receiver shares no object with the sender. */
export const throughJson = <T>(file: T): T => JSON.parse(JSON.stringify(file)) as T;

/** A provider's offer that the patient accepts: the shortest way into a relationship. */
export async function relate(provider: Actor, patient: Actor): Promise<void> {
  const offer = await provider.client.offerRelationship({ patient: patient.id });
  await patient.client.acceptOffer({ offer: throughJson(offer) });
}

/**
 * A provider's proposal on chain, whose terms the patient's software has, or those of who answers in the patient's place.
 *
 * @returns what the provider's client returns
 */
export async function propose(
  provider: Actor,
  patient: number,
  readers: readonly Actor[],
  input: Omit<ProposalInput, "patient"> = {},
): Promise<Proposed> {
  const proposed = await provider.client.proposeRelationship({ patient, ...input });
  for (const { client } of readers) await client.takeTerms({ file: throughJson(proposed.terms) });
  return proposed;
}

/**
 * Hands on every key and envelope of a patient that `to` may see and wasn't given yet, as the file that carries them in
 * life; what was handed over stays in `to.received`.
 *
 * @param purpose of use (default: TREAT); the patient's own request where the patient is the receiver
 */
export async function handOn(
  from: Actor,
  to: Actor,
  patient: number,
  purpose: Purpose = "TREAT",
): Promise<TakenDelivery> {
  const asked = { patient, viewer: to.id, purpose: to.id === patient ? ("PATRQT" as const) : purpose };
  const file = throughJson(await from.client.deliver(asked));
  to.received.push(file);
  return to.client.takeDelivery({ file });
}

/** A parent's request for a child, and the code on the parent's screen: what a clinic attests. */
export const childRequest = async ({ id, client }: Actor) => ({
  representative: id,
  keyDocument: await client.prepareChild(),
  code: await client.ownChildCode(),
});

/** The request of a child that came of age, and the code on its screen: what a clinic attests with. */
export const comingOfAge = async ({ client }: Actor, child: number, lifetime?: number) => ({
  request: throughJson(await client.signComingOfAge({ child, ...(lifetime === undefined ? {} : { lifetime }) })),
  code: await client.ownComingOfAgeCode({ child }),
});
