import { hexlify } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import { isUnanswered } from "../chain/errors.js";
import { isJournaled, send, type Sent } from "../chain/transactions.js";
import { requireSigner, requireVault, type Context } from "../context.js";
import { anchoringOf, releaseWhatCanBe, takeBack } from "./settle-additions.js";

/** A sealed record that is kept in the vault. */
export interface SealedRecord {
  patient: number;
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  /** True when the journal knows every transaction that ever left for it: else a failure proves nothing. */
  journaled: boolean;
}

/**
 * Anchors a sealed record, and notes where. One that can't be anchored any more is taken back; one whose transaction may
 * still be mined stays, and the next start or the next try settles it.
 *
 * @throws what {@link send} throws
 */
export async function anchorRecord(
  ctx: Context,
  { patient, digest, journaled }: SealedRecord,
): Promise<{ sent: Sent; index: number }> {
  const vault = requireVault(ctx);
  const call = { contract: ctx.contracts.Records, method: "anchor", args: [patient, hexlify(digest)] };
  const key = anchoringOf(digest);
  const keepsJournal = isJournaled(requireSigner(ctx));
  // From here on nothing but the chain can tell whether it was sent.
  if (!keepsJournal) vault.additions.sending(digest);
  let sent: Sent;
  try {
    sent = await send(ctx, "addRecord", call, key);
  } catch (error) {
    const unknown = isUnanswered(error) || isChartChainError(error, "TRANSACTION_PENDING");
    const status = vault.transactions.find(key)?.status;
    const mayBeMined = status === undefined ? unknown && !keepsJournal : status === "pending" || status === "success";
    if (journaled && !mayBeMined) await discardRecord(ctx, digest);
    throw error;
  }
  const index = Number(sent.events["RecordAnchored"]?.["index"]);
  vault.transaction(() => {
    vault.envelopes.markAnchored(digest, { block: sent.receipt.blockNumber, index: index - 1 });
    vault.additions.finish(digest);
  });
  return { sent, index };
}

/** Takes back a sealed record that will never be anchored: its key is erased, its pin released. */
export async function discardRecord(ctx: Context, digest: Uint8Array): Promise<void> {
  takeBack(requireVault(ctx), digest);
  await releaseWhatCanBe(ctx);
}
