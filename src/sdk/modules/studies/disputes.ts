import { ChartChainError } from "../../../errors/index.js";
import { asAuthority, type OnWait } from "../../chain/as-authority.js";
import { queryEvents } from "../../chain/events.js";
import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId } from "../../context.js";
import { malformed } from "../../handover/file.js";
import { callOf, readSignedAction, signAction, type SignedActionFile } from "../../handover/signed-action.js";
import { SIGNED } from "./signed.js";
import { participationOf } from "./participation.js";
import type { StudiesContext } from "./contracts.js";

/** A delivery may be disputed for 7 days, and a dispute answered for 14: so long an acknowledgement has to count. */
const ACKNOWLEDGEMENT_LIFETIME = 30 * 24 * 60 * 60;

/** Whose delivery to which study. */
export interface StudyDispute {
  study: number;
  patient: number;
}

/**
 * Signs, as the researcher or the patient, that a delivery arrived. The steward keeps the file, and answers a dispute with
 * it.
 *
 * @param lifetime how long it counts, in seconds; 30 days when left out
 * @throws WRONG_STAGE when nothing was delivered
 *
 * @example
 * const file = await researcher.acknowledgeDelivery({ study: 1, patient: 7 });
 */
export async function acknowledgeDelivery(
  ctx: StudiesContext,
  { study, patient, lifetime = ACKNOWLEDGEMENT_LIFETIME }: StudyDispute & { lifetime?: number },
): Promise<SignedActionFile> {
  const recipient = await ownId(ctx);
  const { Studies } = ctx.contracts;
  const [receipt] = await queryEvents(ctx, Studies, Studies.filters.Delivered(study, patient));
  if (receipt === undefined) {
    throw wrongStage({ study, patient }, (await participationOf(ctx, { study, patient })).stage);
  }
  const dataDigest = receipt.args["dataDigest"] as string;
  const deadline = (await currentTime(ctx)) + lifetime;
  return signAction(ctx, SIGNED.actions.acknowledgeDelivery, { recipient, study, patient, dataDigest, deadline });
}

/**
 * Answers, as the steward and within 14 days, a patient's dispute. With an acknowledgement the delivery stands unless the
 * authority says otherwise within 30 days; without one it falls unless the authority does, whom the steward shows what it
 * has.
 *
 * @param acknowledgement what {@link acknowledgeDelivery} made
 * @throws WRONG_STAGE, NOT_THE_STEWARD, TOO_LATE, OTHER_DATA, NOT_A_RECIPIENT, HANDOVER_…, NO_FUNDS
 *
 * @example
 * await clinic.answerDispute({ study: 1, patient: 7, acknowledgement });
 */
export async function answerDispute(
  ctx: StudiesContext,
  { study, patient, acknowledgement }: StudyDispute & { acknowledgement?: unknown },
): Promise<Sent> {
  if (acknowledgement === undefined) {
    return send(ctx, "answerDispute", {
      contract: ctx.contracts.Studies,
      method: "answerDispute",
      args: [study, patient],
    });
  }
  const file = await readSignedAction(ctx, acknowledgement, await currentTime(ctx));
  const about = [file.action, Number(file.message["study"]), Number(file.message["patient"])];
  if (about.join() !== ["acknowledgeDelivery", study, patient].join()) {
    throw malformed("it acknowledges something else");
  }
  return send(ctx, "answerDispute", callOf(ctx, file));
}

/**
 * Decides, as the authority (role BANKING) and after its delay, a dispute that the steward answered, within 30 days of the
 * answer.
 *
 * @param delivered whether the data was delivered: then everybody is paid
 * @param onWait told when the delay begins
 * @throws WRONG_STAGE, TOO_LATE, ACCESS_MANAGER_UNAUTHORIZED_CALL
 *
 * @example
 * await authority.decideDispute({ study: 1, patient: 7, delivered: true });
 */
export async function decideDispute(
  ctx: StudiesContext,
  { study, patient, delivered, onWait }: StudyDispute & { delivered: boolean; onWait?: OnWait },
): Promise<Sent> {
  // The contract looks only after the delay: what it would refuse then should not be announced.
  const { stage } = await participationOf(ctx, { study, patient });
  if (stage !== "Answered" && stage !== "Acknowledged") throw wrongStage({ study, patient }, stage);
  const call = { contract: ctx.contracts.Studies, method: "decideDispute", args: [study, patient, delivered] };
  return asAuthority(ctx, "decideDispute", call, onWait);
}

/**
 * Ends a dispute whose term ran out; anybody may. Without an acknowledgement it is the patient's.
 *
 * @throws WRONG_STAGE, TOO_EARLY, NO_FUNDS
 *
 * @example
 * await anybody.closeDispute({ study: 1, patient: 7 });
 */
export const closeDispute = (ctx: StudiesContext, { study, patient }: StudyDispute): Promise<Sent> =>
  send(ctx, "closeDispute", { contract: ctx.contracts.Studies, method: "closeDispute", args: [study, patient] });

const wrongStage = ({ study, patient }: StudyDispute, stage: string): ChartChainError =>
  new ChartChainError("WRONG_STAGE", `patient ${patient}'s part in study ${study} is ${stage}`, {
    details: { study, patient, stage },
    hint: "Nothing was sent. Check the numbers.",
  });
