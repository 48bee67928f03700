import { id as keccakOfText } from "ethers";

import type { ErrorCode } from "../../errors/index.js";
import { asAuthority, notAnnounced, type OnWait } from "../chain/as-authority.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, type Context } from "../context.js";
import { requireFreeName } from "./institution-name.js";
import { describeParticipant } from "./participants.js";
import { roleMask } from "../vocabulary.js";

/**
 * Licenses an institution: announces it through the Authority, waits out the authority's delay, and executes it.
 * Interrupted and run again, it goes on where it was. A name that could pass for another licensed one's gets no licence: the
 * contract looks at none.
 *
 * @param institution the participant id
 * @param roles what it may act as
 * @param until when the licence ends, in seconds since 1970
 * @param onWait told when the delay begins
 * @throws UNKNOWN_PARTICIPANT, NOT_AN_INSTITUTION, INVALID_TERM, NAME_UNFIT, UNKNOWN_NAME, ACCESS_MANAGER_UNAUTHORIZED_CALL
 *
 * @example
 * await client.licenseInstitution({ institution: 2, roles: ["PROVIDER"], until: 1_800_000_000 });
 */
export async function licenseInstitution(
  ctx: Context,
  options: { institution: number; roles: readonly string[]; until: number; onWait?: OnWait },
): Promise<Sent> {
  const { institution, roles, until, onWait } = options;
  const { kind, name } = await describeParticipant(ctx, { id: institution });
  if (kind !== "institution") throw unfit("NOT_AN_INSTITUTION", institution, "isn't an institution");
  if (roles.length === 0) throw unfit("INVALID_ROLES", institution, "would be licensed for nothing");
  if (until <= (await currentTime(ctx))) throw unfit("INVALID_TERM", institution, "would get a licence that has ended");
  await requireFreeName(ctx, { id: institution, name });
  const args = [institution, keccakOfText(name), roleMask(roles), until];
  return asAuthority(ctx, "licenseInstitution", registrarCall(ctx, "license", args), onWait);
}

/** Whose standing changes after the authority's delay. */
export interface Standing {
  institution: number;
  /** Told when the delay begins. */
  onWait?: OnWait;
}

/** Suspends an institution at once; lapses unless {@link confirmSuspension} follows. Throws ALREADY_SUSPENDED. */
export const suspendInstitution = (ctx: Context, { institution }: { institution: number }): Promise<Sent> =>
  send(ctx, "suspendInstitution", { contract: ctx.contracts.Registrar, method: "suspend", args: [institution] });

/** Makes a suspension last until it is lifted, after the authority's delay. Throws NOT_SUSPENDED. */
export const confirmSuspension = (ctx: Context, options: Standing): Promise<Sent> =>
  changeSuspension(ctx, "confirmSuspension", "confirmSuspension", options);

/** Lifts a suspension, after the authority's delay. Throws NOT_SUSPENDED. */
export const reinstateInstitution = (ctx: Context, options: Standing): Promise<Sent> =>
  changeSuspension(ctx, "reinstateInstitution", "reinstate", options);

/**
 * Freezes an institution's operators at once: only its owners act, until {@link thawOperators}. For a stolen operator key
 * that no owner has removed yet.
 *
 * @throws NOT_AN_INSTITUTION, FREEZE_UNCHANGED
 */
export const freezeOperators = (ctx: Context, { institution }: { institution: number }): Promise<Sent> =>
  send(ctx, "freezeOperators", { contract: ctx.contracts.Registrar, method: "freezeOperators", args: [institution] });

/** Lets an institution's operators act again, after the authority's delay. Throws FREEZE_UNCHANGED. */
export async function thawOperators(ctx: Context, { institution, onWait }: Standing): Promise<Sent> {
  const { kind, frozenUntil } = await ctx.contracts.Registrar.participant(institution);
  if (kind !== INSTITUTION || frozenUntil === 0n)
    throw unfit("FREEZE_UNCHANGED", institution, "has no frozen operators");
  return asAuthority(ctx, "thawOperators", registrarCall(ctx, "thawOperators", [institution]), onWait);
}

async function changeSuspension(
  ctx: Context,
  step: string,
  method: "confirmSuspension" | "reinstate",
  { institution, onWait }: Standing,
): Promise<Sent> {
  const { suspendedUntil } = await ctx.contracts.Registrar.participant(institution);
  if (suspendedUntil === 0n) throw unfit("NOT_SUSPENDED", institution, "isn't suspended");
  return asAuthority(ctx, step, registrarCall(ctx, method, [institution]), onWait);
}

/** As the contract numbers the kinds of participants. */
const INSTITUTION = 2n;

const registrarCall = (
  ctx: Context,
  method: "license" | "confirmSuspension" | "reinstate" | "thawOperators",
  args: unknown[],
) => ({
  contract: ctx.contracts.Registrar,
  method,
  args,
});

const unfit = (code: ErrorCode, id: number, why: string) => notAnnounced(code, `participant ${id} ${why}`, { id });
