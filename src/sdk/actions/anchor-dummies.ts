import type { Sent } from "../chain/transactions.js";
import { ownId, type Context } from "../context.js";
import { anchorSealed } from "../records/anchor-record.js";
import { dummies } from "../records/next-batch.js";
import { requireMayAnchor } from "./add-record.js";

/**
 * Anchors a batch of nothing but dummies for a patient. A batch of what a minor alone consented to looks the same to who
 * represents the child. Whoever keeps such records anchors dummies at other times, too: then a batch of which nothing comes says
 * nothing.
 *
 * @throws NOT_AN_ACTIVE_STEWARD, STEWARD_NOT_LICENSED, UNKNOWN_PARTICIPANT; what {@link anchorSealed} throws
 *
 * @example
 * await clinic.anchorDummies({ patient: 12 });
 */
export async function anchorDummies(ctx: Context, { patient }: { patient: number }): Promise<Sent> {
  await requireMayAnchor(ctx, patient);
  const by = { patient, author: await ownId(ctx) };
  const { sent } = await anchorSealed(ctx, { ...by, records: [], batch: dummies(), journaled: true });
  return sent;
}
