import { ChartChainError } from "../../errors/index.js";
import { asAuthority, type OnWait } from "../chain/as-authority.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, type Context } from "../context.js";
import { callOf, readSignedAction, signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { signatureEpochFor } from "./accounts.js";
import { childhoodOf } from "./children.js";
import { maskOf, versionOf, type DelegatePowers } from "./delegates.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** Who is to act in a patient's place, for what and until when. */
export interface Representation extends Partial<DelegatePowers> {
  patient: number;
  /** The participant id of a person. */
  representative: number;
  /** When the powers end, in seconds since 1970; at most ten years ahead. */
  until: number;
}

export interface Pair {
  patient: number;
  representative: number;
}

/**
 * Announces, as an owner of a licensed court or registry, who acts in an adult's place: a guardian, or after a death an
 * executor. It counts after 30 days, unless the person dismisses it before. Who may approve and grant every category also
 * changes the person's settings and revokes everything.
 *
 * @throws NOT_A_LICENSED_COURT, NOT_AN_OWNER, PATIENT_NOT_A_PERSON, PATIENT_IS_A_CHILD, ALREADY_APPOINTED,
 *   DELEGATE_NOT_A_PERSON, DELEGATE_IS_PATIENT, MISSING_POWERS, INVALID_DELEGATE_TERM
 *
 * @example
 * await court.announceRepresentative({ patient: 4, representative: 9, approve: true, grant: CATEGORIES, until });
 */
export async function announceRepresentative(
  ctx: Context,
  { patient, representative, until, approve = false, grant = [], view = [] }: Representation,
): Promise<Sent> {
  const powers = { approving: approve, granting: maskOf(grant), viewing: maskOf(view) };
  return send(ctx, "announceRepresentative", {
    contract: ctx.contracts.Delegates,
    method: "appointAsCourt",
    args: [patient, representative, powers, until],
  });
}

/** Ends, as the court that announced it, a representative of an adult; it needs no licence for that. Throws NOT_THE_SOURCE. */
export const endRepresentative = (ctx: Context, { patient, representative }: Pair): Promise<Sent> =>
  send(ctx, "endRepresentative", {
    contract: ctx.contracts.Delegates,
    method: "endAsCourt",
    args: [patient, representative],
  });

/**
 * Signs, as a child's representative, that the child gets another one as well. For the provider that registered the child to
 * relay: nobody else's account will do.
 *
 * @throws NOT_A_CHILD
 *
 * @example
 * const file = await mother.signAddRepresentative({ child: 12, representative: 9 });
 * await clinic.relay({ file });
 */
export async function signAddRepresentative(
  ctx: Context,
  {
    child,
    representative,
    lifetime = DEFAULT_SIGNATURE_LIFETIME,
  }: { child: number; representative: number; lifetime?: number },
): Promise<SignedActionFile> {
  const childhood = await childhoodOf(ctx, { child });
  if (childhood === undefined) {
    throw new ChartChainError("NOT_A_CHILD", `participant ${child} isn't a child`, {
      details: { child },
      hint: "A grown person appoints delegates.",
    });
  }
  return signAction(ctx, SIGNED_ACTIONS.addRepresentative, {
    issuer: childhood.issuer,
    child,
    representative,
    version: await versionOf(ctx, child, representative),
    signatureEpoch: await signatureEpochFor(ctx, child),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** Signs, as an owner of a child's issuer or of a court, that the child gets a representative. For the authority. */
export const signAppointRepresentative = async (
  ctx: Context,
  { child, ...order }: { child: number } & Order,
): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.appointRepresentative, { child, ...(await orderOf(ctx, child, order)) });

/** Signs, as an owner of the institution that appointed or of a court, that a representative ends. For the authority. */
export const signEndRepresentative = async (
  ctx: Context,
  { patient, ...order }: { patient: number } & Order,
): Promise<SignedActionFile> =>
  signAction(ctx, SIGNED_ACTIONS.endRepresentative, { patient, ...(await orderOf(ctx, patient, order)) });

/** Whom an order is about, and for how long it counts, in seconds. */
export interface Order {
  representative: number;
  lifetime?: number;
}

async function orderOf(ctx: Context, person: number, { representative, lifetime = ORDER_LIFETIME }: Order) {
  return {
    institution: await ownId(ctx),
    representative,
    version: await versionOf(ctx, person, representative),
    deadline: (await currentTime(ctx)) + lifetime,
  };
}

/**
 * Carries out, as the authority, what an institution signed: an end at once, an appointment after the authority's delay.
 * Interrupted and run again, it goes on where it was.
 *
 * @param file what {@link signAppointRepresentative} or {@link signEndRepresentative} made
 * @param onWait told when the delay begins
 * @throws HANDOVER_…, NOT_THE_ISSUER, NOT_THE_SOURCE, ALREADY_APPOINTED, PATIENT_NOT_A_CHILD, INVALID_SIGNATURE,
 *   ACCESS_MANAGER_UNAUTHORIZED_CALL
 *
 * @example
 * await authority.carryOutOrder({ file: await court.signEndRepresentative({ patient: 12, representative: 9 }) });
 */
export async function carryOutOrder(ctx: Context, { file, onWait }: { file: unknown; onWait?: OnWait }): Promise<Sent> {
  const order = await readSignedAction(ctx, file, await currentTime(ctx));
  if (order.action === "endRepresentative") return send(ctx, order.action, callOf(ctx, order));
  if (order.action === "appointRepresentative") return asAuthority(ctx, order.action, callOf(ctx, order), onWait);
  throw new ChartChainError("HANDOVER_WRONG_KIND", `${order.action} is no order about a representative`, {
    details: { action: order.action },
    hint: "Others' signed actions are relayed.",
  });
}

/** Longer than the authority's delay, in seconds. */
const ORDER_LIFETIME = 30 * 24 * 60 * 60;
