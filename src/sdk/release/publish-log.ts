import { hexlify, ZeroHash } from "ethers";

import { send, type Sent } from "../chain/transactions.js";
import { ownId, requireVault, type Context } from "../context.js";

/** The log of key releases among an institution's logs. */
export const RELEASE_LOG = 1;

/**
 * Publishes the head of this institution's log of key releases (RFC 9162): from then on no release in it can be taken
 * out or changed unnoticed. One transaction, however many releases.
 *
 * @throws LOG_DOES_NOT_GROW when nothing came since the last time, or entries are gone; NOT_THE_NEXT_HEAD when another
 *   program of this institution publishes at the same moment; NOT_A_LICENSED_INSTITUTION
 *
 * @example
 * const { size, root } = await clinic.publishReleaseLog();
 */
export async function publishReleaseLog(ctx: Context): Promise<Sent & { number: number; size: number; root: string }> {
  const { releases } = requireVault(ctx);
  const { Records } = ctx.contracts;
  const institution = await ownId(ctx);
  const { number: published } = logHeadIn(await Records.logHeadOf(institution, RELEASE_LOG));
  const number = published + 1;
  const size = releases.size;
  const root = hexlify(releases.root(size));
  const sent = await send(ctx, "publishReleaseLog", {
    contract: Records,
    method: "publishHead",
    // No map stands over this log.
    args: [RELEASE_LOG, number, size, root, ZeroHash],
  });
  return { ...sent, number, size, root };
}

/** What a log's head in the contract's state says: how often it was published, and its size then. */
const logHeadIn = (head: bigint): { number: number; size: number } => ({
  number: Number((head >> 40n) & 0xffffffffn),
  size: Number(head & 0xffffffffffn),
});
