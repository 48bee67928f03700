import type { Block } from "ethers";

import { requireVault, type Context } from "../context.js";
import {
  categoryIndex,
  EVERY_STEWARD,
  laneEnd,
  purposeIndex,
  roleMask,
  type Category,
  UNCONSTRAINED,
} from "../vocabulary.js";
import type { Question } from "./question.js";

/** Something that a yes may rest on, as the chain's head tells it. */
export interface Reading {
  /** Seconds since 1970. */
  expiry: number;
  live: boolean;
  /** It was seen to end once: a reorganisation brought it back. */
  endedBefore: boolean;
}

export interface GrantReading extends Reading {
  steward: number;
  accessEpoch: number;
  generation: number;
  version: number;
  /** The digest of what narrows it, by the head; {@link UNCONSTRAINED} for nothing, and where it isn't live. */
  constraint: string;
}

/** The two grants that can answer a question: for this steward and for every steward. */
export async function readGrants(ctx: Context, question: Question, head: Block): Promise<GrantReading[]> {
  return Promise.all(
    [question.steward, EVERY_STEWARD].map(async (steward) => {
      const { patient, viewer, purpose } = question;
      const [state, lanes] = await ctx.contracts.Consents.grantOf(patient, viewer, purposeIndex(purpose), steward, {
        blockTag: head.number,
      });
      const expiry = laneEnd(lanes, question.category);
      const counters = {
        accessEpoch: Number(state.accessEpoch),
        generation: Number(state.generation),
        version: Number(state.version),
      };
      const endedBefore = isRemembered(ctx, question, { steward, ...counters });
      const live = head.timestamp < expiry;
      const constraint = live ? await constraintAt(ctx, question, steward, head) : UNCONSTRAINED;
      return { steward, ...counters, expiry, live, endedBefore, constraint };
    }),
  );
}

/** The digest of what narrows a grant at a block. */
export const constraintAt = (ctx: Context, { patient, viewer, purpose }: Question, steward: number, block: Block) =>
  ctx.contracts.Consents.constraintOf(patient, viewer, purposeIndex(purpose), steward, { blockTag: block.number });

/**
 * Whether the viewer is a delegate, or a representative, who may view the category. One that was seen to end stays ended until
 * a newer one. A notice hasn't ended, nor has one whose court isn't licensed for a while.
 */
export async function readDelegation(
  ctx: Context,
  question: Question,
  head: Block,
  { accessEpoch }: GrantReading,
): Promise<Reading> {
  const { patient, viewer, category } = question;
  const { Delegates } = ctx.contracts;
  const at = { blockTag: head.number };
  const [delegation, [powers, until]] = await Promise.all([
    Delegates.delegationOf(patient, viewer, at),
    Delegates.powersOf(patient, viewer, at),
  ]);
  const { endedDelegations } = requireVault(ctx).access;
  // Counted first by access epoch, then by version, as the contract does.
  const state = [Number(delegation.accessEpoch), Number(delegation.version)] as const;
  const ended = endedDelegations.get({ patient, viewer });
  const isAfter = ended === undefined || state[0] > ended[0] || (state[0] === ended[0] && state[1] > ended[1]);
  const mayCount = delegation.source !== 0n && !delegation.ofChild && head.timestamp < delegation.until;
  if (until === 0n && !mayCount && state[1] > 0 && isAfter) endedDelegations.set({ patient, viewer }, [...state]);
  return {
    expiry: Number(until),
    live: covers(powers.viewing, category),
    endedBefore:
      (state[1] > 0 && !isAfter) ||
      isRemembered(ctx, question, { steward: EVERY_STEWARD, accessEpoch, ...ANY_OF_THE_EPOCH }),
  };
}

/** The viewer's broken glass, as far as it is about the question's category. */
export async function readEmergency(
  ctx: Context,
  question: Question,
  head: Block,
  counters: GrantReading,
): Promise<Reading> {
  const { admits, ...reading } = await readGlass(ctx, question, head, counters);
  return { ...reading, live: reading.live && covers(admits, question.category) };
}

/**
 * The viewer's broken glass, and the categories that it admits by the patient's policy of then and of now. One that was seen to
 * be ended by a review stays ended.
 */
export async function readGlass(
  ctx: Context,
  question: Question,
  head: Block,
  { accessEpoch, generation }: GrantReading,
): Promise<Reading & { admits: bigint }> {
  const { patient, viewer } = question;
  const { Consents, Registrar } = ctx.contracts;
  const at = { blockTag: head.number };
  const [glass, [policy], isCertified] = await Promise.all([
    Consents.emergencyOf(patient, viewer, at),
    Registrar.emergencyOf(patient, at),
    Registrar.licenceLasts(viewer, roleMask(["EMERGENCY"]), at),
  ]);
  const { endedEmergencies } = requireVault(ctx).access;
  const number = Number(glass.number);
  const ended = endedEmergencies.get({ patient, viewer }) ?? 0;
  if (glass.until === 0n && number > ended) endedEmergencies.set({ patient, viewer }, number);
  const isCurrent = Number(glass.accessEpoch) === accessEpoch && Number(glass.generation) === generation;
  return {
    expiry: Number(glass.until),
    admits: glass.categories & policy,
    live: head.timestamp < glass.until && isCurrent && isCertified,
    endedBefore:
      number <= ended ||
      isRemembered(ctx, question, { steward: EVERY_STEWARD, ...ANY_OF_THE_EPOCH, accessEpoch, generation }),
  };
}

const covers = (mask: bigint, category: Category): boolean => ((mask >> BigInt(categoryIndex(category))) & 1n) === 1n;

// A reorganisation may bring a dead grant back to life. What was seen dead stays dead until something newer is granted.
export function rememberDead(ctx: Context, question: Question, grants: readonly GrantReading[]): void {
  const { denials } = requireVault(ctx);
  const { patient, viewer } = question;
  for (const grant of grants) {
    const { accessEpoch, generation } = grant;
    // The counters alone tell of a revocation that covers more than this question.
    if (accessEpoch > 0) denials.recordEveryone({ patient, accessEpoch });
    if (generation > 0) denials.recordViewer({ patient, viewer, accessEpoch, generation });
    if (!grant.live) denials.record({ ...grantKey(question, grant), ...countersOf(grant) });
    // What was written before the constraint was may be wider.
    else if (grant.constraint !== UNCONSTRAINED && grant.version > 0)
      denials.record({ ...grantKey(question, grant), ...countersOf(grant), version: grant.version - 1 });
  }
}

type Counters = Pick<GrantReading, "accessEpoch" | "generation" | "version">;

/** Above every counter: what has none of its own is older than a later access epoch only. */
const ANY_OF_THE_EPOCH = { generation: 0xffffffff, version: 0xffffffff };

const isRemembered = (ctx: Context, question: Question, state: Counters & { steward: number }): boolean =>
  requireVault(ctx).denials.blocks({ ...grantKey(question, state), ...countersOf(state) });

const grantKey = ({ patient, viewer, purpose, category }: Question, { steward }: { steward: number }) => ({
  patient,
  viewer,
  purpose: purposeIndex(purpose),
  category: categoryIndex(category),
  steward,
});

const countersOf = ({ accessEpoch, generation, version }: Counters) => ({ accessEpoch, generation, version });
