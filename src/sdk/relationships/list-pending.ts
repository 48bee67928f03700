import type { Consent } from "@medplum/fhirtypes";

import { isChartChainError, type ErrorCode } from "../../errors/index.js";
import { queryEvents } from "../chain/events.js";
import { ownId, type Context } from "../context.js";
import { describeParticipant } from "../people/participants.js";
import { readTerms } from "./terms.js";
import { STATUSES } from "../vocabulary.js";

/** A proposal that waits for the patient's answer. */
export interface PendingProposal {
  provider: number;
  /** The provider's verified name; empty when {@link problem} says that it can't be verified. */
  providerName: string;
  /** The provider's licence is live. */
  licensed: boolean;
  nonce: number;
  termsDigest: string;
  /** When the relationship would end, in seconds since 1970; 0: it would not. */
  until: number;
  /** The terms, opened and verified; undefined when {@link problem} says why not. */
  terms: Consent | undefined;
  /** Why nobody may approve it: something of it can't be shown or verified. */
  problem: string | undefined;
}

/**
 * The proposals that wait for this patient, with their terms, where the vault took their files in. Found through the indexed event: a proposal writes
 * nothing into the patient's state. One whose terms or name are of no use is listed with its problem, beside the others.
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
    const current = await relationships.relationship(patient, provider);
    if (STATUSES[Number(current.status)] !== "Proposed" || current.nonce !== args["nonce"]) continue;
    const proposal = { termsDigest: args["termsDigest"] as string, until: Number(args["until"]) };
    const [named, read] = [
      await orProblem(describeParticipant(ctx, { id: provider })),
      await orProblem(readTerms(ctx, patient, provider, proposal)),
    ];
    pending.push({
      provider,
      providerName: named.value?.name ?? "",
      licensed: named.value?.inGoodStanding ?? false,
      nonce: Number(current.nonce),
      ...proposal,
      terms: read.value,
      problem: named.problem ?? read.problem,
    });
  }
  return pending;
}

/** What is wrong with one provider's proposal alone. The chain or the store out of reach is wrong with all of them. */
const PROBLEMS: readonly ErrorCode[] = [
  "TERMS_UNAVAILABLE",
  "TERMS_INVALID",
  "NAME_UNVERIFIED",
  "NAME_CHANGED",
  "KEY_CHANGED",
];

async function orProblem<T>(asked: Promise<T>): Promise<{ value: T | undefined; problem: string | undefined }> {
  try {
    return { value: await asked, problem: undefined };
  } catch (error) {
    if (!PROBLEMS.some((code) => isChartChainError(error, code))) throw error;
    return { value: undefined, problem: (error as Error).message };
  }
}
