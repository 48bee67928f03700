import { isError, type Block } from "ethers";

import { isChartChainError } from "../../../errors/index.js";
import { queryEvents } from "../../chain/events.js";
import type { Question } from "../../consent/decide.js";
import type { DecisionBlocks } from "../../module.js";
import { categoriesOf } from "../../vocabulary.js";
import { MODULE, type StudiesContext } from "./contracts.js";
import { STUDY_STAGES, type StudyStage } from "./stages.js";

/** A patient's part in a study, for one viewer's question about one category. */
interface Part {
  study: number;
  stage: StudyStage;
}

/** Why keys for research wait, and what to do about it. */
const reasons = {
  /** The patient joined a study of the viewer, and this is neither its delivery nor after it. */
  STUDY_NOT_RELEASED: "Wait until the study is released; its steward delivers: deliver-to-study.",
};

/**
 * Whether a grant for research has to wait: the patient joined a study of the viewer for these records, and there is no
 * receipt of a delivery to any, nor is this the delivery to one, which was released at the final block and at the head.
 * Who left a study takes no part in it, also while the grant stands: whoever relays a withdrawal may keep the revocation
 * back. Who got data of a participant has what the study's grant is about, later records as well. The contracts can't
 * tell a study's grant from another one of the same kind, so that one waits, too.
 */
async function refusal(
  ctx: StudiesContext,
  question: Question,
  { head, final }: DecisionBlocks,
): Promise<keyof typeof reasons | undefined> {
  const { occasion } = question;
  const parts = await partsOf(ctx, question, head);
  if (parts.some(({ stage }) => stage === "Delivered")) return undefined;
  for (const { study, stage } of parts) {
    if (stage !== "Joined" || occasion?.module !== MODULE || study !== occasion.number) continue;
    if ((await isReleasedAt(ctx, study, head)) && (await isReleasedAt(ctx, study, final))) return undefined;
  }
  return parts.length > 0 ? "STUDY_NOT_RELEASED" : undefined;
}

/** What studies keep back of a grant for research. */
export const holdBack = { purposes: ["HRESCH"], reasons, refusal } as const;

async function partsOf(
  ctx: StudiesContext,
  { patient, steward, viewer, category }: Question,
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
      const [{ researcher, categories }, { stage }] = await Promise.all([
        Studies.studyOf(study, at),
        Studies.participationOf(study, patient, at),
      ]);
      const concerns = Number(researcher) === viewer && categoriesOf(Number(categories)).includes(category);
      if (!concerns) return undefined;
      return { study, stage: STUDY_STAGES[Number(stage)]! };
    }),
  );
  return parts.filter((part) => part !== undefined);
}

async function isReleasedAt(ctx: StudiesContext, study: number, block: Block): Promise<boolean> {
  try {
    return await ctx.contracts.Studies.isReleased(study, { blockTag: block.number });
  } catch (error) {
    // On a young chain the final block is older than the contracts.
    if (isChartChainError(error, "CHAIN_CALL_FAILED") && isError(error.cause, "BAD_DATA")) return false;
    throw error;
  }
}
