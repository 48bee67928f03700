import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId, requireSigner } from "../../context.js";
import { signAction, type SignedActionFile } from "../../handover/signed-action.js";
import { SIGNED } from "./signed.js";
import { describeParticipant } from "../../people/participants.js";
import { signatureEpochOf } from "../../people/accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../../people/register.js";
import type { StudiesContext } from "./contracts.js";

/** Which study pays, and where to. */
export interface PayoutInput {
  study: number;
  /** Who gets the tokens; the client's own account when left out. */
  to?: string;
}

/** What a steward earns by a study. */
export interface StudyCredit {
  study: number;
  steward: number;
  /** For how many patients. */
  delivered: number;
  /** For how many of them the steward has its share. */
  paid: number;
}

/**
 * Takes the client's share of a study: a patient's once the delivery can no longer be disputed, a steward's for all of its
 * patients once the study is settled, and again when a dispute was decided since.
 *
 * @throws NOTHING_TO_PAY, TOO_EARLY, RECOVERY_PENDING, NO_FUNDS
 *
 * @example
 * await patient.payoutStudy({ study: 1 });
 */
export async function payoutStudy(ctx: StudiesContext, { study, to }: PayoutInput): Promise<Sent> {
  const { kind } = await describeParticipant(ctx, { id: await ownId(ctx) });
  return send(ctx, "payoutStudy", {
    contract: ctx.contracts.Studies,
    method: kind === "person" ? "payout" : "payoutSteward",
    args: [study, to ?? (await requireSigner(ctx).getAddress())],
  });
}

/**
 * Signs, as a patient, a payout for somebody else to relay: the patient needs no ether.
 *
 * @example
 * const file = await patient.signPayoutStudy({ study: 1 });
 */
export async function signPayoutStudy(
  ctx: StudiesContext,
  { study, to, lifetime = DEFAULT_SIGNATURE_LIFETIME }: PayoutInput & { lifetime?: number },
): Promise<SignedActionFile> {
  const patient = await ownId(ctx);
  return signAction(ctx, SIGNED.actions.payoutStudy, {
    patient,
    study,
    to: to ?? (await requireSigner(ctx).getAddress()),
    signatureEpoch: await signatureEpochOf(ctx, patient),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/**
 * Pays the bank's share of a settled study; anybody may.
 *
 * @throws NOTHING_TO_PAY, NO_FUNDS
 *
 * @example
 * await anybody.payoutBank({ study: 1 });
 */
export const payoutBank = (ctx: StudiesContext, { study }: { study: number }): Promise<Sent> =>
  send(ctx, "payoutBank", { contract: ctx.contracts.Studies, method: "payoutBank", args: [study] });

/**
 * What a steward earns by a study.
 *
 * @param steward the client's own when left out
 * @throws NOT_REGISTERED, CHAIN_UNREACHABLE
 *
 * @example
 * const { delivered, paid } = await clinic.studyCreditOf({ study: 1 });
 */
export async function studyCreditOf(
  ctx: StudiesContext,
  { study, steward }: { study: number; steward?: number },
): Promise<StudyCredit> {
  const id = steward ?? (await ownId(ctx));
  const { delivered, paid } = await ctx.contracts.Studies.creditOf(study, id);
  return { study, steward: id, delivered: Number(delivered), paid: Number(paid) };
}
