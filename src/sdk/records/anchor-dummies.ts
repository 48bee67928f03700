import { ChartChainError } from "../../errors/index.js";
import { isUnanswered } from "../chain/errors.js";
import type { Sent } from "../chain/transactions.js";
import { isChild } from "../people/childhood.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { anchorSealed } from "./anchor-record.js";
import { dummies } from "./next-batch.js";
import { orderDummies, patientsWithDummies, requireSpread } from "./waiting.js";
import { requireMayAnchor } from "./may-anchor.js";

/** For whom dummies are anchored, and when. */
export interface DummiesInput {
  /** For this patient; for every child whose records the client keeps, and for nobody else any more, when left out. */
  patient?: number;
  /**
   * Leaves it to {@link anchorWaiting}: a batch at a random moment within so many seconds (a week at the most), and another one
   * within as many after each. 0 ends that. One batch now, and no more, when left out.
   */
  within?: number;
}

/** What was anchored or ordered. */
export interface AnchoredDummies {
  patients: number[];
  /** One for each patient; none where `within` was given. */
  transactions: Sent[];
}

/**
 * Anchors batches of nothing but dummies. A batch of what a minor alone consented to looks the same to who represents the
 * child. Whoever keeps such records anchors dummies for all children at other times, too: then a batch of which nothing comes
 * says nothing. With `within` such records themselves wait for the dummies' moment ({@link anchorWaiting}).
 *
 * @throws SPREAD_INVALID; for a patient who is named NOT_AN_ACTIVE_STEWARD, STEWARD_NOT_LICENSED, UNKNOWN_PARTICIPANT;
 *   what {@link anchorSealed} throws: what was anchored before that stays
 *
 * @example
 * await clinic.anchorDummies({ within: 7 * 86_400 });
 */
export async function anchorDummies(
  ctx: Context,
  { patient: named, within }: DummiesInput = {},
): Promise<AnchoredDummies> {
  if (within !== undefined) requireSpread(within);
  const vault = requireVault(ctx);
  const author = await ownId(ctx);
  const isEnd = within === 0;
  if (named !== undefined && !isEnd) await requireMayAnchor(ctx, named);
  const ordered = patientsWithDummies(vault);
  const patients = named !== undefined ? [named] : isEnd ? ordered : await childrenOf(ctx, author);
  const transactions: Sent[] = [];
  if (within === undefined) {
    for (const patient of patients) {
      const sealed = { patient, author, records: [], batch: dummies(), journaled: true };
      transactions.push((await anchorSealed(ctx, sealed)).sent);
    }
    return { patients, transactions };
  }
  const now = await currentTime(ctx);
  const ended = named === undefined ? ordered.filter((patient) => !patients.includes(patient)) : [];
  vault.transaction(() => {
    for (const patient of patients) orderDummies(vault, patient, within, now);
    for (const patient of ended) orderDummies(vault, patient, 0, now);
  });
  return { patients, transactions };
}

/** The children whose records a steward keeps, and may write for now. */
async function childrenOf(ctx: Context, steward: number): Promise<number[]> {
  const patients = new Set(
    requireVault(ctx)
      .compartments.list({ steward })
      .map(({ patient }) => patient),
  );
  const children: number[] = [];
  for (const patient of patients) {
    if (patient === steward || !(await isChild(ctx, patient))) continue;
    try {
      await requireMayAnchor(ctx, patient);
      children.push(patient);
    } catch (error) {
      if (!(error instanceof ChartChainError) || isUnanswered(error)) throw error;
    }
  }
  return children;
}
