import { hexlify } from "ethers";

import { nameOfKind, shuffled } from "../../crypto/index.js";
import { ChartChainError, isChartChainError, type ErrorCode } from "../../errors/index.js";
import { codeOf, isUnanswered } from "../chain/errors.js";
import { isJournaled, send, settlePending, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, requireSigner, requireVault, type Context } from "../context.js";
import { requireIdentityStands } from "../people/identity-stands.js";
import { keepBatch } from "./anchor-record.js";
import { signAndKeep } from "./author-signature.js";
import { nameOf, readReceipt, type Told } from "./batches-receipt.js";
import { batchesOf, dueNow, type Due, type WaitingBatch } from "./due-batches.js";
import type { AnchoredRecord } from "./history.js";
import { keepCurrent, moveToRounds, type Rounds } from "./keep-current.js";
import { isConfidential } from "./next-batch.js";
import { currentRound } from "./rounds.js";
import { inTurns, settleAdditions } from "./settle-additions.js";
import { settleEnvelopes } from "./settle-envelopes.js";
import { countWaiting, drawDummies, forgetDue, waitingRecords, type WaitingRecord } from "./waiting.js";
import { anchorWithin, verifiedReading } from "./verified-history.js";
import { namesOfKind, type Category } from "../vocabulary.js";

/** A patient for whom something was anchored. */
export interface AnchoredPatient {
  patient: number;
  /** The records, each with its place in the patient's history, from 1; none where it was dummies alone. */
  records: { digest: string; category: Category; confidential: boolean; index: number }[];
  /** True when a new round was opened: its key has to be delivered to the patient and to {@link members}. */
  roundOpened: boolean;
  /** The viewers who are entitled to a round that was opened. */
  members: number[];
}

/** A patient whose records wait on, because something is in the way. */
export interface StillWaiting {
  patient: number;
  /** How many records wait; 0 where dummies were due, which are tried again at another moment. */
  records: number;
  /** Why, as an error would have it. */
  code: ErrorCode;
  message: string;
}

/** What became of the records that waited. */
export interface AnchoredWaiting {
  anchored: AnchoredPatient[];
  /** What couldn't be anchored. It waits on, and is tried again. */
  refused: StillWaiting[];
  /** How many records wait for a later moment. */
  waiting: number;
  transactions: Sent[];
}

/** As many patients' batches as one transaction anchors: about half of what it may use (EIP-7825). */
const AT_ONCE = 200;

/**
 * Anchors records that were sealed and wait ({@link addRecords} with `spread`): those whose moment has come, of all patients, a
 * batch each, in as few transactions as they fit into. Run it every few minutes. Who watches sees many patients' batches come
 * at once, and not with the files.
 *
 * Who may see the records is asked right before, once for each patient and batch. What can't be anchored, because a
 * relationship ended or the contract passed over it, keeps nobody else's records and waits on. Interrupted, it goes on the next
 * time: a transaction that left is waited for first, and no record is anchored twice. A vault that was restored from a backup
 * finds what was anchored since, where the same records waited: they are noted as anchored, and count among what is.
 *
 * Dummies that {@link anchorDummies} ordered go along when they are due. Of a patient with such an order, confidential records
 * that have no place beside ordinary ones wait for the dummies' moment and take their places: so that moment says nothing about them.
 *
 * @param early also what is to wait for a later moment
 * @throws what {@link send} throws; nothing of that transaction is anchored then, or it is found the next time
 *
 * @example
 * const { anchored, refused } = await hospital.anchorWaiting();
 */
export async function anchorWaiting(
  ctx: Context,
  { early = false }: { early?: boolean } = {},
): Promise<AnchoredWaiting> {
  const vault = requireVault(ctx);
  if ((await settlePending(ctx)) > 0) {
    await settleEnvelopes(ctx);
    await settleAdditions(ctx);
  }
  const now = await currentTime(ctx);
  const due = () => dueNow(ctx, now, early);
  const contents = (await due()).flatMap(({ records }) => records.map(({ content }) => content));
  return inTurns(vault, contents, async () => {
    const result: AnchoredWaiting = { anchored: [], refused: [], waiting: 0, transactions: [] };
    const all = shuffled(await due());
    const batches: WaitingBatch[] = [];
    for (const each of all) {
      const { patient, records, withDummies } = each;
      const left = await orRefused(result, patient, records, () => settleAnchored(ctx, each, result));
      if (left === undefined || (left.length === 0 && withDummies === undefined)) continue;
      batches.push(...batchesOf(vault, { ...each, records: left }));
    }
    for (let at = 0; at < batches.length; at += AT_ONCE) {
      await anchorTogether(ctx, batches.slice(at, at + AT_ONCE), result);
    }
    for (const { patient, withDummies } of all) {
      if (withDummies !== undefined) drawDummies(vault, patient, withDummies, now);
    }
    const left = waitingRecords(vault);
    for (const { patient } of result.anchored) {
      if ((left.get(patient) ?? []).every(isConfidential)) forgetDue(vault, patient);
    }
    result.waiting = countWaiting(vault) - result.refused.reduce((sum, { records }) => sum + records, 0);
    return result;
  });
}

/** A batch that is ready to be anchored. */
interface ReadyBatch extends WaitingBatch {
  rounds: Rounds;
}

/**
 * Notes as anchored what waits here and was anchored by the same author before: by another copy of this vault, from which this
 * one was made or which was made from it.
 *
 * @returns what still waits
 * @throws HISTORY_UNVERIFIED, NODES_DISAGREE, CHAIN_UNREACHABLE
 */
async function settleAnchored(
  ctx: Context,
  { patient, records, keepPlace }: Due,
  result: AnchoredWaiting,
): Promise<readonly WaitingRecord[]> {
  const vault = requireVault(ctx);
  if (records.length === 0) return records;
  const { count } = await verifiedReading(ctx, patient);
  let left = records;
  for (let before = Infinity; left.length > 0 && left.length < before;) {
    before = left.length;
    vault.transaction(() => {
      for (const { batch, records: own } of batchesOf(vault, { patient, records: left, keepPlace })) {
        const isOurs = ({ author, size }: Pick<AnchoredRecord, "author" | "size">) =>
          author === own[0]!.steward && size === batch.header.size;
        const digests = own.map(({ digest }) => digest);
        if (vault.anchors.find(patient, batch.digest()).some(isOurs)) keepBatch(vault, patient, batch, digests);
      }
      const found = left.flatMap((record) => {
        const asked = { patient, author: record.steward, digest: hexlify(record.digest) };
        const anchor = anchorWithin(ctx, count, asked);
        return anchor === undefined ? [] : [{ ...record, anchor }];
      });
      for (const { digest, anchor } of found) {
        vault.envelopes.markAnchored(digest, { block: anchor.block, index: anchor.index - 1 });
        vault.additions.finish(digest);
      }
      if (found.length === 0) return;
      const places = found.map((record) => listed(record, record.anchor.index));
      result.anchored.push({ patient, records: places, roundOpened: false, members: [] });
      const settled = new Set(places.map(({ digest }) => digest));
      left = left.filter(({ digest }) => !settled.has(hexlify(digest)));
    });
  }
  return left;
}

const listed = ({ digest, record: { kind } }: WaitingRecord, index: number) => {
  const { category, confidential } = namesOfKind(kind);
  return { digest: hexlify(digest), category, confidential, index };
};

/** Does something about a patient's records; where it is refused, they wait on, with the reason. */
async function orRefused<T>(
  { refused }: AnchoredWaiting,
  patient: number,
  records: readonly WaitingRecord[],
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ChartChainError) || isUnanswered(error)) throw error;
    const { code, message } = error;
    refused.push({ patient, records: records.length, code, message });
    return undefined;
  }
}

async function anchorTogether(ctx: Context, all: readonly WaitingBatch[], result: AnchoredWaiting): Promise<void> {
  const vault = requireVault(ctx);
  const ready: ReadyBatch[] = [];
  for (const each of all) {
    const prepared = await orRefused(result, each.patient, each.records, () => prepare(ctx, each));
    if (prepared !== undefined) ready.push(prepared);
  }
  if (ready.length === 0) return;

  const keepsJournal = isJournaled(requireSigner(ctx));
  const records = ready.flatMap((each) => each.records);
  vault.transaction(() => {
    for (const { patient, batch, records: own } of ready) {
      keepBatch(
        vault,
        patient,
        batch,
        own.map(({ digest }) => digest),
      );
    }
    // From here on nothing but the chain can tell whether it was sent.
    if (!keepsJournal) for (const { digest } of records) vault.additions.sending(digest);
  });
  const args = ready.map(({ patient, batch }) => {
    return { patient, count: batch.header.size, digest: hexlify(batch.digest()) };
  });
  let sent: Sent;
  try {
    const call = { contract: ctx.contracts.Records, method: "anchorBatches", args: [args] };
    sent = await send(ctx, "anchorBatches", call);
  } catch (error) {
    const unknown = isUnanswered(error) || isChartChainError(error, "TRANSACTION_PENDING");
    if (!keepsJournal && !unknown)
      vault.transaction(() => records.forEach(({ digest }) => vault.additions.wait(digest)));
    throw error;
  }
  result.transactions.push(sent);
  const { first, skipped } = readReceipt(ctx, sent.receipt, await ownId(ctx));
  vault.transaction(() => {
    for (const each of ready) note(ctx, each, sent.receipt.blockNumber, { first, skipped }, result);
  });
}

/** Has the records of a batch lie under rounds whose members may all see them, and signs for the batch. */
async function prepare(ctx: Context, waiting: WaitingBatch): Promise<ReadyBatch> {
  const { patient, records, batch } = waiting;
  await requireIdentityStands(ctx, patient);
  const steward = await ownId(ctx);
  const of = { patient, steward };
  const pending = records.map(({ record: { kind }, digest }) => ({ kind, digest }));
  const rounds: Rounds = new Map();
  for (const { kind } of pending) {
    const name = nameOfKind(kind);
    if (!rounds.has(name)) rounds.set(name, await currentRound(ctx, { ...of, ...kind }));
  }
  moveToRounds(ctx, of, rounds, pending);
  await keepCurrent(ctx, of, rounds, pending);
  await signAndKeep(ctx, {
    ...{ patient, author: steward },
    digest: hexlify(batch.digest()),
    count: batch.header.size,
  });
  return { ...waiting, rounds };
}

function note(
  ctx: Context,
  { patient, batch, records, rounds }: ReadyBatch,
  block: number,
  { first, skipped }: Told,
  result: AnchoredWaiting,
): void {
  const { envelopes, additions } = requireVault(ctx);
  const name = nameOf(patient, hexlify(batch.digest()));
  const start = first.get(name);
  if (start === undefined) {
    for (const record of records) additions.wait(record.digest);
    const why = skipped.get(name) ?? "BatchSkipped";
    const message = `the contract passed over the batch: ${why}`;
    result.refused.push({ patient, records: records.length, code: codeOf(why) ?? "CHAIN_CALL_FAILED", message });
    return;
  }
  const placed = records.map((record) => ({ ...record, index: start + batch.proofOf(record.digest)!.index }));
  for (const { digest: record, index } of placed) {
    // One that was shredded meanwhile stays so.
    if (envelopes.get(record) === undefined) continue;
    envelopes.markAnchored(record, { block, index: index - 1 });
    additions.finish(record);
  }
  const opened = [...rounds.values()].filter((round) => round.opened);
  result.anchored.push({
    patient,
    records: placed.map((record) => listed(record, record.index)),
    roundOpened: opened.length > 0,
    members: [...new Set(opened.flatMap(({ members }) => members))],
  });
}
