import { getBytes } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import { ownId, requireVault, type Context } from "../context.js";
import { releasePins } from "./settle-additions.js";
import type { ShredReceipt } from "../../vault/index.js";

/**
 * Erases a record in this vault: its key and envelope are gone from the files on disk, its pin is released, and a
 * taking it again is refused for ever. Speaks for this holder alone; the receipt says what it can't reach.
 *
 * @param digest the record's digest
 * @param reason for the receipt only; nothing about the patient
 *
 * @example
 * const receipt = await client.shredRecord({ digest });
 */
export async function shredRecord(
  ctx: Context,
  { digest, reason }: { digest: string; reason?: string },
): Promise<ShredReceipt> {
  const vault = requireVault(ctx);
  const id = getBytes(digest);
  const participant = await ownId(ctx);
  const receipt = vault.shred(id, { participant, ...(reason === undefined ? {} : { reason }) });
  if (ctx.store === undefined || !receipt.erased.includes("pin note")) return receipt;
  try {
    await releasePins(ctx);
    await ctx.store.gc();
    return receipt;
  } catch (error) {
    // The key is gone for good by now, which the receipt has to say.
    const code = isChartChainError(error) ? ` (${error.code})` : "";
    return {
      ...receipt,
      residue: [...receipt.residue, `the sealed payload in this store, which could not be collected${code}`],
    };
  }
}
