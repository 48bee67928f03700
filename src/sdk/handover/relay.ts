import { send, type Sent } from "../chain/transactions.js";
import { currentTime, type Context } from "../context.js";
import { actionNamed, callOf, readSignedAction } from "./signed-action.js";

/**
 * Sends, and pays for, an action that somebody else signed. The file is checked before anything is sent; one that was
 * sent already is refused by the contract, because the counter that it names has moved on.
 *
 * @param file what a `sign…` verb returned
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, HANDOVER_ALTERED, HANDOVER_EXPIRED, and the
 *   contract's errors (INVALID_SIGNATURE when something was revoked or changed since)
 *
 * @example
 * await clinic.relay({ file: JSON.parse(await readFile("action.json", "utf8")) });
 */
export async function relay(ctx: Context, { file }: { file: unknown }): Promise<Sent> {
  const action = await readSignedAction(ctx, file, await currentTime(ctx));
  const step = action.action.startsWith("revoke") ? "revokeAccess" : action.action;
  return send(ctx, step, callOf(ctx, action));
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
