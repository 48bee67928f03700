import { hexlify } from "ethers";

import { send, type Sent } from "../chain/transactions.js";
import { requireVault, type Context } from "../context.js";

/** The log of key releases among an institution's logs. */
export const RELEASE_LOG = 1;

/**
 * Publishes the head of this institution's log of key releases (RFC 9162): from then on no release in it can be taken
 * out or changed unnoticed. One transaction, however many releases.
 *
 * @throws NOT_A_LICENSED_INSTITUTION, LOG_SHRINKS
 *
 * @example
 * const { size, root } = await clinic.publishReleaseLog();
 */
export async function publishReleaseLog(ctx: Context): Promise<Sent & { size: number; root: string }> {
  const { releases } = requireVault(ctx);
  const size = releases.size;
  const root = hexlify(releases.root(size));
  const sent = await send(ctx, "publishReleaseLog", {
    contract: ctx.contracts.Records,
    method: "publishHead",
    args: [RELEASE_LOG, size, root],
  });
  return { ...sent, size, root };
}
