import { isError, type Block } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { queryEvents } from "../chain/events.js";
import type { Context } from "../context.js";
import { categoriesOf, STUDY_STAGES, type Category, type StudyStage } from "../vocabulary.js";

/** A patient's part in a study, for one viewer's question about one category. */
interface Part {
  study: number;
  /** A payout overwrites Left: then it is Left all the same. */
  stage: StudyStage;
}

/** Who got data of a participant already has what the study's grant is about. */
const SERVED: readonly StudyStage[] = ["Delivered", "Paid"];

/**
 * Whether a grant for research has to wait: the patient joined a study of the viewer for these records, and takes part in
 * none that is released, at the final block and at the head. Who left a study takes no part in it, also while the grant
 * stands: whoever relays a withdrawal may keep the revocation back. Nor does a payout bring back who left. The contracts
 * can't tell a study's grant from another one of the same kind, so that one waits, too.
 */
export async function isHeldBack(
  ctx: Context,
  question: { patient: number; steward: number; viewer: number; category: Category },
  { head, final }: { head: Block; final: Block },
): Promise<boolean> {
  const parts = await partsOf(ctx, question, head);
  if (parts.some(({ stage }) => SERVED.includes(stage))) return false;
  for (const { study, stage } of parts) {
    if (stage !== "Joined") continue;
    if ((await isReleasedAt(ctx, study, head)) && (await isReleasedAt(ctx, study, final))) return false;
  }
  return parts.length > 0;
}

async function partsOf(
  ctx: Context,
  { patient, steward, viewer, category }: { patient: number; steward: number; viewer: number; category: Category },
  head: Block,
): Promise<Part[]> {
  const { Studies } = ctx.contracts;
  const at = { blockTag: head.number };
  const joined = await queryEvents(
    ctx,
    Studies,
    Studies.filters.Joined(undefined, patient, steward),
    undefined,
    head.number,
  );
  const parts = await Promise.all(
    joined.map(async ({ args }) => {
      const study = Number(args["study"]);
      const [{ researcher, categories }, { stage }] = await chainCall(() =>
        Promise.all([Studies.studyOf(study, at), Studies.participationOf(study, patient, at)]),
      );
      const concerns = Number(researcher) === viewer && categoriesOf(Number(categories)).includes(category);
      if (!concerns) return undefined;
      const now = STUDY_STAGES[Number(stage)]!;
      return { study, stage: now === "Paid" && (await hasLeft(ctx, study, patient, head)) ? ("Left" as const) : now };
    }),
  );
  return parts.filter((part) => part !== undefined);
}

/** Whether a patient left a study: its stage says so until the payout, the event for good. */
async function hasLeft(ctx: Context, study: number, patient: number, head: Block): Promise<boolean> {
  const { Studies } = ctx.contracts;
  const filter = Studies.filters.ParticipationWithdrawn(study, patient);
  return (await queryEvents(ctx, Studies, filter, undefined, head.number)).length > 0;
}

async function isReleasedAt(ctx: Context, study: number, block: Block): Promise<boolean> {
  try {
    return await chainCall(() => ctx.contracts.Studies.isReleased(study, { blockTag: block.number }));
  } catch (error) {
    // On a young chain the final block is older than the contracts.
    if (isChartChainError(error, "CHAIN_CALL_FAILED") && isError(error.cause, "BAD_DATA")) return false;
    throw error;
  }
}
