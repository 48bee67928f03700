import type { Consent } from "@medplum/fhirtypes";

import { isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { queryEvents } from "../chain/events.js";
import { ownId, type Context } from "../context.js";
import { describeParticipant } from "../participants.js";
import { readTerms } from "../terms.js";
import { STATUSES } from "../vocabulary.js";

/** A proposal that waits for the patient's answer. */
export interface PendingProposal {
  provider: number;
  /** The provider's verified name. */
  providerName: string;
  /** The provider's licence is live. */
  licensed: boolean;
  nonce: number;
  termsDigest: string;
  /** When the relationship would end, in seconds since 1970; 0: it would not. */
  until: number;
  /** The terms, fetched, verified and opened; undefined when {@link problem} says why not. */
  terms: Consent | undefined;
  problem: string | undefined;
}

/**
 * The proposals that wait for this patient, with their terms. Found through the indexed event: a proposal writes
 * nothing into the patient's state.
 *
 * @param patient in whose place a delegate looks; the client's own patient when left out
 *
 * @example
 * for (const proposal of await client.listPending()) show(proposal.providerName, proposal.terms);
 */
export async function listPending(
  ctx: Context,
  { patient: of }: { patient?: number } = {},
): Promise<PendingProposal[]> {
  const patient = of ?? (await ownId(ctx));
  const { PatientProviderRelationships: relationships } = ctx.contracts;
  const events = await queryEvents(ctx, relationships, relationships.filters.RelationshipProposed(patient));
  const latest = new Map(events.map((event) => [Number(event.args["provider"]), event.args]));
  const pending: PendingProposal[] = [];
  for (const [provider, args] of latest) {
    const current = await chainCall(() => relationships.relationship(patient, provider));
    if (STATUSES[Number(current.status)] !== "Proposed" || current.nonce !== args["nonce"]) continue;
    const proposal = { termsDigest: args["termsDigest"] as string, until: Number(args["until"]) };
    const { name, inGoodStanding } = await describeParticipant(ctx, { id: provider });
    const { terms, problem } = await readOrExplain(ctx, patient, provider, proposal);
    pending.push({
      provider,
      providerName: name,
      licensed: inGoodStanding,
      nonce: Number(current.nonce),
      ...proposal,
      terms,
      problem,
    });
  }
  return pending;
}

async function readOrExplain(
  ctx: Context,
  patient: number,
  provider: number,
  proposal: { termsDigest: string; until: number },
): Promise<Pick<PendingProposal, "terms" | "problem">> {
  try {
    return { terms: await readTerms(ctx, patient, provider, proposal), problem: undefined };
  } catch (error) {
    if (!isChartChainError(error, "TERMS_UNAVAILABLE") && !isChartChainError(error, "TERMS_INVALID")) throw error;
    return { terms: undefined, problem: error.message };
  }
}
