import { ChartChainError, isChartChainError, type ErrorCode } from "../../errors/index.js";
import { requireSigner, type Context } from "../context.js";
import { encodeCall, send, type Call, type Sent } from "./transactions.js";
import { sleep } from "../time.js";

/** What the authority is told while its delay runs. */
export interface DelayProgress {
  /** When the announced call can be executed, in seconds since 1970. */
  readyAt: number;
}

/** Told when the delay begins; waited for, so that whoever can move a local chain's clock does it then. */
export type OnWait = (progress: DelayProgress) => void | Promise<void>;

const POLL_MS = 500;

/**
 * Announces a call through the Authority, waits out the authority's delay, and executes it. Interrupted and run again,
 * it goes on where it was.
 *
 * @throws ACCESS_MANAGER_UNAUTHORIZED_CALL, and what the contract throws once the delay is over
 */
export async function asAuthority(ctx: Context, step: string, call: Call, onWait?: OnWait): Promise<Sent> {
  const { Authority } = ctx.contracts;
  const target = await call.contract.getAddress();
  const data = encodeCall(call);
  const caller = await requireSigner(ctx).getAddress();
  const operation = await Authority.hashOperation(caller, target, data);
  if ((await Authority.getSchedule(operation)) === 0n) {
    await send(ctx, step, { contract: Authority, method: "schedule", args: [target, data, 0] });
  }
  for (let told = false; !(await isReady(ctx, caller, target, data));) {
    if (told) await sleep(POLL_MS);
    else await onWait?.({ readyAt: Number(await Authority.getSchedule(operation)) });
    told = true;
  }
  return send(ctx, step, { contract: Authority, method: "execute", args: [target, data] });
}

/**
 * What the contract would say once the delay is over, in its own words: what it would refuse then should not be announced. So
 * each verb of the authority looks beforehand.
 */
export const notAnnounced = (code: ErrorCode, message: string, details: Record<string, unknown>): ChartChainError =>
  new ChartChainError(code, message, {
    details,
    hint: "Nothing was announced. Check the numbers and what is asked for.",
  });

/** Asks the chain itself, whose clock the delay runs on: the next block, because an idle local chain mines none. */
async function isReady(ctx: Context, from: string, target: string, data: string): Promise<boolean> {
  try {
    await ctx.contracts.Authority.execute.staticCall(target, data, { from, blockTag: "pending" });
    return true;
  } catch (error) {
    if (isChartChainError(error, "ACCESS_MANAGER_NOT_READY")) return false;
    throw error;
  }
}
