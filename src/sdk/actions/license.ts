import { id as keccakOfText, type Interface } from "ethers";
import { setTimeout as sleep } from "node:timers/promises";

import { isChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import { send, type Sent } from "../chain/transactions.js";
import { requireSigner, type Context } from "../context.js";
import { describeParticipant } from "../participants.js";
import { roleMask } from "../vocabulary.js";

/** What the authority is told while its delay runs. */
export interface DelayProgress {
  /** When the announced call can be executed, in seconds since 1970. */
  readyAt: number;
}

/**
 * Licenses an institution: announces it through the AccessManager, waits out the authority's delay, and executes it.
 * Interrupted and run again, it goes on where it was.
 *
 * @param institution the participant id
 * @param roles what it may act as
 * @param until when the licence ends, in seconds since 1970
 * @param onWait told when the delay begins
 * @throws UNKNOWN_PARTICIPANT, NOT_AN_INSTITUTION, INVALID_TERM, UNKNOWN_NAME, ACCESS_MANAGER_UNAUTHORIZED_CALL
 *
 * @example
 * await client.licenseInstitution({ institution: 2, roles: ["PROVIDER"], until: 1_800_000_000 });
 */
export async function licenseInstitution(
  ctx: Context,
  options: { institution: number; roles: readonly string[]; until: number; onWait?: (progress: DelayProgress) => void },
): Promise<Sent> {
  const { institution, roles, until, onWait } = options;
  const { name } = await describeParticipant(ctx, { id: institution });
  const args = [institution, keccakOfText(name), roleMask(roles), until];
  return asAuthority(ctx, "licenseProvider", "license", args, onWait);
}

/** Suspends an institution at once; lapses unless {@link confirmSuspension} follows. Throws ALREADY_SUSPENDED. */
export const suspendInstitution = (ctx: Context, { institution }: { institution: number }): Promise<Sent> =>
  send(ctx, "suspendInstitution", { contract: ctx.contracts.Registrar, method: "suspend", args: [institution] });

/** Makes a suspension last until it is lifted, after the authority's delay. Throws NOT_SUSPENDED. */
export const confirmSuspension = (ctx: Context, { institution }: { institution: number }): Promise<Sent> =>
  asAuthority(ctx, "confirmSuspension", "confirmSuspension", [institution]);

/** Lifts a suspension, after the authority's delay. Throws NOT_SUSPENDED. */
export const reinstateInstitution = (ctx: Context, { institution }: { institution: number }): Promise<Sent> =>
  asAuthority(ctx, "reinstateInstitution", "reinstate", [institution]);

const POLL_MS = 500;

async function asAuthority(
  ctx: Context,
  step: string,
  method: "license" | "confirmSuspension" | "reinstate",
  args: unknown[],
  onWait?: (progress: DelayProgress) => void,
): Promise<Sent> {
  const { AccessManager, Registrar } = ctx.contracts;
  const target = ctx.deployment.contracts.Registrar;
  const data = (Registrar.interface as Interface).encodeFunctionData(method, args);
  const caller = await requireSigner(ctx).getAddress();
  const operation = await chainCall(() => AccessManager.hashOperation(caller, target, data));
  // What could not be executed later should not be announced either.
  await chainCall(() => ctx.provider.call({ from: ctx.deployment.contracts.AccessManager, to: target, data })).catch(
    (error: { code?: string }) => {
      if (!error.code?.startsWith("ACCESS_MANAGE")) throw error;
    },
  );

  if ((await chainCall(() => AccessManager.getSchedule(operation))) === 0n) {
    await send(ctx, `announce:${step}`, { contract: AccessManager, method: "schedule", args: [target, data, 0] });
  }
  let told = false;
  while (!(await isReady(ctx, caller, target, data))) {
    if (!told) onWait?.({ readyAt: Number(await chainCall(() => AccessManager.getSchedule(operation))) });
    told = true;
    await sleep(POLL_MS);
  }
  return send(ctx, step, { contract: AccessManager, method: "execute", args: [target, data] });
}

/** Asks the chain itself, whose clock the delay runs on: the next block, because an idle local chain mines none. */
async function isReady(ctx: Context, from: string, target: string, data: string): Promise<boolean> {
  try {
    await chainCall(() => ctx.contracts.AccessManager.execute.staticCall(target, data, { from, blockTag: "pending" }));
    return true;
  } catch (error) {
    if (isChartChainError(error, "ACCESS_MANAGER_NOT_READY")) return false;
    throw error;
  }
}
