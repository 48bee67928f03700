import { isError, type Block } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { queryEvents } from "../chain/events.js";
import type { Context } from "../context.js";
import { categoriesOf, STUDY_STAGES, type Category, type StudyStage } from "../vocabulary.js";

/** A patient's part in a study, for one viewer's question about one category. */
interface Part {
  study: number;
  stage: StudyStage;
}

/**
 * Whether a grant for research has to wait: the patient joined a study of the viewer for these records, and there is no
 * receipt of a delivery to any, nor is this the delivery to one, which was released at the final block and at the head.
 * Who left a study takes no part in it, also while the grant stands: whoever relays a withdrawal may keep the revocation
 * back. Who got data of a participant has what the study's grant is about, later records as well. The contracts can't
 * tell a study's grant from another one of the same kind, so that one waits, too.
 */
export async function isHeldBack(
  ctx: Context,
  question: { patient: number; steward: number; viewer: number; category: Category; study?: number },
  { head, final }: { head: Block; final: Block },
): Promise<boolean> {
  const parts = await partsOf(ctx, question, head);
  if (parts.some(({ stage }) => stage === "Delivered")) return false;
  for (const { study, stage } of parts) {
    if (stage !== "Joined" || study !== question.study) continue;
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
      return { study, stage: STUDY_STAGES[Number(stage)]! };
    }),
  );
  return parts.filter((part) => part !== undefined);
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
