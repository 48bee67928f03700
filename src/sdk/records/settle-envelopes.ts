import { hexlify } from "ethers";

import { requireVault, type Context } from "../context.js";
import { anchoredRecords } from "./history.js";

/**
 * Notes which of the records that this vault sealed are anchored by now: where a crash or a lost answer came between the
 * transaction and its receipt, a record would never be handed out.
 *
 * @param patient only this patient's
 */
export async function settleEnvelopes(ctx: Context, { patient }: { patient?: number } = {}): Promise<void> {
  const { envelopes } = requireVault(ctx);
  const pending = envelopes.list({ status: "pending", ...(patient === undefined ? {} : { patient }) });
  for (const of of new Set(pending.map((entry) => entry.patient))) {
    const anchors = new Map((await anchoredRecords(ctx, of)).map((record) => [record.digest, record]));
    for (const { digest, steward } of pending) {
      const anchor = anchors.get(hexlify(digest));
      if (anchor?.author === steward) envelopes.markAnchored(digest, { block: anchor.block, index: anchor.index - 1 });
    }
  }
}
