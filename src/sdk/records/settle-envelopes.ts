import { hexlify } from "ethers";

import { requireVault, type Context } from "../context.js";
import { anchoredRecords, anchorsIn } from "./history.js";

/**
 * Notes which of the records that this vault sealed are anchored by now: where a crash or a lost answer came between the
 * transaction and its receipt, a record would never be handed out. Somebody else's anchor of the same digest isn't one.
 *
 * @param patient only this patient's
 */
export async function settleEnvelopes(ctx: Context, { patient }: { patient?: number } = {}): Promise<void> {
  const { batches, envelopes } = requireVault(ctx);
  const pending = envelopes.list({ status: "pending", ...(patient === undefined ? {} : { patient }) });
  for (const of of new Set(pending.map((entry) => entry.patient))) {
    const find = anchorsIn(await anchoredRecords(ctx, of));
    for (const entry of pending.filter((each) => each.patient === of)) {
      // Who seals a record keeps it.
      const sought = { digest: hexlify(entry.digest), author: entry.steward, proofs: batches.proofsOf(entry.digest) };
      const anchor = find(sought);
      if (anchor === undefined) continue;
      envelopes.markAnchored(entry.digest, { block: anchor.block, index: anchor.index - 1 });
    }
  }
}
