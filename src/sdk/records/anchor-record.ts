import { hexlify } from "ethers";

import type { Batch } from "../../crypto/index.js";
import { isChartChainError, ChartChainError } from "../../errors/index.js";
import type { Vault } from "../../vault/index.js";
import { isUnanswered } from "../chain/errors.js";
import { isJournaled, send, type Sent } from "../chain/transactions.js";
import { requireSigner, requireVault, type Context } from "../context.js";
import { signToKeep } from "./author-signature.js";
import { anchoringOf, releaseWhatCanBe, takeBack } from "./settle-additions.js";
import { type Manifest } from "../../crypto/index.js";

/** Sealed records of one patient that are kept in the vault and go into one transaction. */
export interface SealedRecords {
  patient: number;
  /** The client's participant. */
  author: number;
  /** Manifest digests, 32 bytes each: one that is anchored alone, or those of the batch. */
  records: readonly Uint8Array[];
  /** The batch that the records are in; undefined for one that is anchored alone. */
  batch: Batch | undefined;
  /** True when the journal knows every transaction that ever left for them: else a failure proves nothing. */
  journaled: boolean;
}

/**
 * Signs for sealed records, anchors them, and notes where. Those that can't be anchored any more are taken back; those whose transaction may
 * still be mined stay, and the next start or the next try settles them.
 *
 * @returns the place of each in the patient's history, from 1
 * @throws what {@link send} and the wallet throw
 */
export async function anchorSealed(
  ctx: Context,
  { patient, author, records, batch, journaled }: SealedRecords,
): Promise<{ sent: Sent; places: number[] }> {
  const vault = requireVault(ctx);
  const anchored = batch === undefined ? records[0]! : batch.digest();
  const digest = hexlify(anchored);
  const [step, method, ...args] =
    batch === undefined
      ? (["addRecord", "anchor", patient, digest] as const)
      : (["anchorBatch", "anchorBatch", { patient, count: batch.header.size, digest }] as const);
  const key = anchoringOf(anchored);
  const keepsJournal = isJournaled(requireSigner(ctx));
  let places: number[] = [];
  try {
    const keepSignature = await signToKeep(ctx, { patient, author, digest, count: batch?.header.size ?? 0 });
    const leaving = () => {
      keepSignature();
      if (batch !== undefined) keepBatch(vault, patient, batch, records);
      // From here on nothing but the chain can tell whether it was sent.
      if (!keepsJournal) for (const record of records) vault.additions.sending(record);
    };
    const mined = ({ receipt, events }: Sent) => {
      const first = Number(events[batch === undefined ? "RecordAnchored" : "BatchAnchored"]?.["index"]);
      places = records.map((record) => first + (batch?.proofOf(record)!.index ?? 0));
      for (const [i, record] of records.entries()) {
        vault.envelopes.markAnchored(record, { block: receipt.blockNumber, index: places[i]! - 1 });
        vault.additions.finish(record);
      }
    };
    const call = { contract: ctx.contracts.Records, method, args };
    const sent = await send(ctx, step, call, key, { leaving, mined });
    return { sent, places };
  } catch (error) {
    const unknown = isUnanswered(error) || isChartChainError(error, "TRANSACTION_PENDING");
    const status = vault.transactions.find(key)?.status;
    const mayBeMined = status === undefined ? unknown && !keepsJournal : status === "pending" || status === "success";
    if (journaled && !mayBeMined) await discardRecords(ctx, records);
    throw error;
  }
}

/** Keeps a batch, and the proof of each record that is in it. Call it in a transaction of the vault. */
export function keepBatch(vault: Vault, patient: number, batch: Batch, records: readonly Uint8Array[]): void {
  vault.batches.keep(patient, batch);
  for (const record of records) vault.batches.keepProof(record, batch.proofOf(record)!);
}

/** Takes back sealed records that will never be anchored: their keys are erased, their pins released. */
export async function discardRecords(ctx: Context, records: readonly Uint8Array[]): Promise<void> {
  for (const record of records) takeBack(requireVault(ctx), record);
  await releaseWhatCanBe(ctx);
}

/** A record that the chain doesn't have, as far as this client's node knows. */
export const notAnchored = (digest: string, { patient, steward, author }: Manifest): ChartChainError =>
  new ChartChainError("RECORD_NOT_ANCHORED", "the chain doesn't have a record with this digest from this author", {
    details: { digest, patient, steward, author },
    hint: "Don't rely on it. If it was just added, wait for its block, and take the same file again.",
  });
