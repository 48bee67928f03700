import { ChartChainError } from "../../../errors/index.js";
import { queryEvents } from "../../chain/events.js";
import { send, type Sent } from "../../chain/transactions.js";
import { studyOf } from "./studies.js";
import type { StudiesContext } from "./contracts.js";

/** So many participants fit into one transaction, with room to spare: 16,777,216 gas by EIP-7825. */
const PAGE = 1_000;

/**
 * Releases a study when enrolment is over: has the contract count the participants whose consent stands now, page by page,
 * until they reach the minimum. From then on stewards deliver, for good. Anybody may.
 *
 * @param participants who is counted; all that ever joined when left out
 * @returns the last page
 * @throws UNKNOWN_STUDY, ALREADY_RELEASED, STUDY_NOT_OPEN, TOO_EARLY, TOO_LATE, NOT_A_RESEARCHER, NO_FUNDS; NOT_RELEASED
 *   where fewer count than the minimum
 *
 * @example
 * await researcher.releaseStudy({ study: 1 });
 */
export async function releaseStudy(
  ctx: StudiesContext,
  { study, participants }: { study: number; participants?: readonly number[] },
): Promise<Sent> {
  const { joined, minimum, released } = await studyOf(ctx, { study });
  if (!released && joined < minimum) throw tooFew(study, joined, minimum, "Nothing was sent.");
  const ids = [...new Set(participants ?? (await participantsOf(ctx, study)))].sort((a, b) => a - b);
  let counted = 0;
  for (let at = 0; at === 0 || at < ids.length; at += PAGE) {
    const args = [study, ids.slice(at, at + PAGE)];
    const sent = await send(ctx, "releaseStudy", { contract: ctx.contracts.Studies, method: "release", args });
    if (sent.events["StudyReleased"] !== undefined) return sent;
    counted = Number(sent.events["ReleaseCounted"]?.["counted"]);
  }
  throw tooFew(study, counted, minimum, "The others left, revoked, or named a steward without a licence.");
}

async function participantsOf(ctx: StudiesContext, study: number): Promise<number[]> {
  const { Studies } = ctx.contracts;
  const joined = await queryEvents(ctx, Studies, Studies.filters.Joined(study));
  return joined.map(({ args }) => Number(args["patient"]));
}

const tooFew = (study: number, counted: number, minimum: number, why: string): ChartChainError =>
  new ChartChainError("NOT_RELEASED", `study ${study} counts ${counted} of ${minimum} participants`, {
    details: { study, counted, minimum },
    hint: `${why} A study under its minimum cohort releases nothing and gets its escrow back.`,
  });
