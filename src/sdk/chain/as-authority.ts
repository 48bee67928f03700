import { setTimeout as sleep } from "node:timers/promises";

import { isChartChainError } from "../../errors/index.js";
import { requireSigner, type Context } from "../context.js";
import { chainCall } from "./errors.js";
import { send, type Call, type Sent } from "./transactions.js";

/** What the authority is told while its delay runs. */
export interface DelayProgress {
  /** When the announced call can be executed, in seconds since 1970. */
  readyAt: number;
}

const POLL_MS = 500;

/**
 * Announces a call through the AccessManager, waits out the authority's delay, and executes it. Interrupted and run again,
 * it goes on where it was.
 *
 * @param onWait told when the delay begins
 * @throws ACCESS_MANAGER_UNAUTHORIZED_CALL, and what the contract throws once the delay is over
 */
export async function asAuthority(
  ctx: Context,
  step: string,
  call: Call,
  onWait?: (progress: DelayProgress) => void,
): Promise<Sent> {
  const { AccessManager } = ctx.contracts;
  const target = await call.contract.getAddress();
  const data = await chainCall(async () => call.contract.interface.encodeFunctionData(call.method, call.args));
  const caller = await requireSigner(ctx).getAddress();
  const operation = await chainCall(() => AccessManager.hashOperation(caller, target, data));
  if ((await chainCall(() => AccessManager.getSchedule(operation))) === 0n) {
    await send(ctx, step, { contract: AccessManager, method: "schedule", args: [target, data, 0] });
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
