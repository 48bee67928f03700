import { isUnanswered } from "../chain/errors.js";
import { encodeCall, send, type Sent } from "../chain/transactions.js";
import { currentTime, requireSigner, type Context } from "../context.js";
import { actionNamed, callOf, readSignedAction, type SignedActionFile } from "./signed-action.js";

/**
 * Sends, and pays for, an action that somebody else signed. The file is checked before anything is sent; one that was
 * sent already is refused by the contract, because the counter that it names has moved on.
 *
 * @param file what a `sign…` verb returned
 * @param key names it: the same key never leads to two transactions, also after a crash, and has the first one's receipt
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, HANDOVER_ALTERED, HANDOVER_EXPIRED, and the
 *   contract's errors (INVALID_SIGNATURE when something was revoked or changed since)
 *
 * @example
 * await clinic.relay({ file: JSON.parse(await readFile("action.json", "utf8")) });
 */
export async function relay(ctx: Context, { file, key }: { file: unknown; key?: string }): Promise<Sent> {
  const action = await readSignedAction(ctx, file, await currentTime(ctx));
  const step = action.action.startsWith("revoke") ? "revokeAccess" : action.action;
  return send(ctx, step, callOf(ctx, action), key && `relay:${key}`);
}

/** A signed action that the contract would take now. */
export interface TriedRelay {
  action: string;
  /** Who signed it. */
  account: string;
  /** The participant that it is about; undefined for one that isn't registered yet. */
  about: number | undefined;
  /** In one sentence. */
  says: string;
  /** What it would take, in units of gas; undefined where it, or what it hangs on, is on its way already. */
  gas: number | undefined;
}

/**
 * Tries to relay an action without sending anything: the file is checked, and the contract asked at the newest block.
 *
 * @param file what a `sign…` verb returned
 * @throws what {@link relay} throws before it sends
 *
 * @example
 * const { says, gas } = await clinic.tryRelay({ file });
 */
export async function tryRelay(ctx: Context, { file }: { file: unknown }): Promise<TriedRelay> {
  const signed = await readSignedAction(ctx, file, await currentTime(ctx));
  const { action, account, message } = signed;
  await requireTakeable(ctx, signed);
  const gas = await gasOf(ctx, signed);
  const { patient, participant, child } = message;
  const about = [patient, participant, child].find((each): each is number => typeof each === "number");
  return { action, account, about, says: actionNamed(ctx, action)!.type.says(message), gas };
}

/** Asks the contract at the newest block whether it would take an action. Throws the contract's error by its code. */
export async function requireTakeable(ctx: Context, signed: SignedActionFile): Promise<void> {
  const { contract, method, args } = callOf(ctx, signed);
  const trials = contract as unknown as Record<
    string,
    { staticCall: (...args: readonly unknown[]) => Promise<unknown> }
  >;
  await trials[method]!.staticCall(...args);
}

/** A node estimates by what is on its way, too, which the newest block doesn't have. */
async function gasOf(ctx: Context, signed: SignedActionFile): Promise<number | undefined> {
  const call = callOf(ctx, signed);
  const [from, to] = await Promise.all([requireSigner(ctx).getAddress(), call.contract.getAddress()]);
  try {
    return Number(await ctx.provider.estimateGas({ from, to, data: encodeCall(call) }));
  } catch (error) {
    if (isUnanswered(error)) throw error;
    return undefined;
  }
}

/**
 * What the signer of an action says by it, in one sentence, for whoever is asked to sign or to relay it. The file is checked
 * first.
 *
 * @param file what a `sign…` verb returned
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, HANDOVER_ALTERED, HANDOVER_EXPIRED
 *
 * @example
 * const { says } = await clinic.describeSignedAction({ file });
 */
export async function describeSignedAction(
  ctx: Context,
  { file }: { file: unknown },
): Promise<{ action: string; account: string; says: string }> {
  const signed = await readSignedAction(ctx, file, await currentTime(ctx));
  const { action, account, message } = signed;
  return { action, account, says: actionNamed(ctx, action)!.type.says(message) };
}
