import { getBytes, hexlify } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { lastPlaceOf, type VerifiedAnchor } from "../../vault/index.js";
import { ownId, requireSigner, requireVault, type Context } from "../context.js";
import { areSame, askAgain, askNodes, isSilence, nodesDisagree, SEEN_FINAL, speaking } from "../chain/nodes.js";
import {
  anchoredRecords,
  chainOf,
  decodeHead,
  EMPTY_CHAIN,
  findRecord,
  headOf,
  type AnchoredRecord,
} from "./history.js";

/**
 * A patient's anchored records, oldest first, each verified: together they come to the running head in the contract's state.
 * What was verified before is kept in the vault, and only what came since is read.
 *
 * With several nodes, those that can be reached have to name the same head.
 *
 * @throws HISTORY_UNVERIFIED, NODES_DISAGREE, CHAIN_UNREACHABLE
 */
export async function verifiedRecords(ctx: Context, patient: number): Promise<AnchoredRecord[]> {
  const count = await extend(ctx, patient);
  return requireVault(ctx)
    .anchors.list(patient)
    .filter((anchor) => lastPlaceOf(anchor) <= count)
    .map(recordOf);
}

/**
 * Where an author anchored a record for a patient, alone or in a batch that this vault has a proof of, in the verified history;
 * undefined when the chain doesn't have it. Takes as
 * long as it takes to verify what came since the last time, however long the history is.
 *
 * @param counts as in {@link anchorWithin}
 * @throws HISTORY_UNVERIFIED, NODES_DISAGREE, CHAIN_UNREACHABLE
 */
export async function verifiedAnchor(
  ctx: Context,
  question: { patient: number; author: number; digest: string },
  counts?: (anchor: AnchoredRecord) => boolean,
): Promise<AnchoredRecord | undefined> {
  return anchorWithin(ctx, await extend(ctx, question.patient), question, counts);
}

/**
 * Verifies a patient's history and says whose an account is, in one question where one node is asked and nothing is new.
 *
 * @returns `count`: how many records are verified by now, for {@link anchorWithin}; `reader`: the account's participant
 * @throws HISTORY_UNVERIFIED, NODES_DISAGREE, CHAIN_UNREACHABLE, NOT_REGISTERED
 */
export async function verifiedReading(ctx: Context, patient: number): Promise<{ count: number; reader: number }> {
  if (ctx.nodes.length === 1) {
    const account = await requireSigner(ctx).getAddress();
    const [packed, reader] = await ctx.contracts.Summary.readingOf(patient, account);
    const { count, chain } = decodeHead(packed);
    if (reader > 0n && chain === chainAt(ctx, patient, count)) return { count, reader: Number(reader) };
  }
  return { count: await extend(ctx, patient), reader: await ownId(ctx) };
}

/**
 * Where an author anchored a digest among the first `count` records of a history that was verified so far.
 *
 * @param counts which anchors count, of records and of batches; all when left out
 */
export function anchorWithin(
  ctx: Context,
  count: number,
  { patient, author, digest }: { patient: number; author: number; digest: string },
  counts?: (anchor: AnchoredRecord) => boolean,
): AnchoredRecord | undefined {
  const { anchors, batches } = requireVault(ctx);
  const anchorsOf = (of: string) =>
    anchors
      .find(patient, getBytes(of))
      .filter((anchor) => lastPlaceOf(anchor) <= count)
      .map(recordOf);
  return findRecord(anchorsOf, { digest, author, proofs: batches.proofsOf(getBytes(digest)), counts });
}

/** Where verifying begins: after the last anchor that was verified, or before the first. */
interface Start {
  count: number;
  block: number;
  chain: string;
}

/** Verifies what is new, and keeps it. Returns how many records the chain counts. */
async function extend(ctx: Context, patient: number): Promise<number> {
  const { anchors } = requireVault(ctx);
  const { views, block, head } = await agreedHead(ctx, patient);
  const last = anchors.last(patient);
  const nothing: Start = { count: 0, block: ctx.deployment.block, chain: EMPTY_CHAIN };
  const known: Start =
    last === undefined ? nothing : { count: lastPlaceOf(last), block: last.block, chain: hexlify(last.chain) };
  if (head.count <= known.count && head.chain === chainAt(ctx, patient, head.count)) return head.count;

  // One that is lost by now leaves it to the others; where nobody tells the whole, that is why.
  let silence: ChartChainError | undefined;
  const noteSilence = (error: unknown): undefined => {
    if (!isChartChainError(error) || !isSilence(error)) throw error;
    silence = error;
  };
  const starts = head.count > known.count && known !== nothing ? [known, nothing] : [nothing];
  for (const start of starts) {
    for (const view of views) {
      const since = await anchoredRecords(view, patient, block, start.block).catch(noteSilence);
      if (since === undefined) continue;
      const fresh = addsUp(start, since, head);
      if (fresh === undefined) continue;
      anchors.keep(patient, start.count, fresh);
      return head.count;
    }
  }
  if (silence !== undefined) throw silence;
  throw new ChartChainError("HISTORY_UNVERIFIED", `the records of patient ${patient} don't come to the head on chain`, {
    details: { patient, count: head.count, block },
    hint: "The node leaves records out, or makes some up. Use another one, which keeps old logs.",
  });
}

/** The hash chain that was verified up to a count; undefined when it wasn't, also where a batch goes beyond. */
function chainAt(ctx: Context, patient: number, count: number): string | undefined {
  if (count === 0) return EMPTY_CHAIN;
  const anchor = requireVault(ctx).anchors.at(patient, count);
  return anchor === undefined || lastPlaceOf(anchor) > count ? undefined : hexlify(anchor.chain);
}

/** The records after a start that lead to a head, each with the chain so far; undefined when they don't. */
function addsUp(
  start: Start,
  records: readonly AnchoredRecord[],
  head: { count: number; chain: string },
): VerifiedAnchor[] | undefined {
  const fresh: VerifiedAnchor[] = [];
  let { chain, count } = start;
  for (const record of records) {
    if (record.index <= start.count) continue;
    if (record.index !== count + 1) return undefined;
    count = lastPlaceOf(record);
    chain = chainOf([record], chain);
    fresh.push({ ...record, digest: getBytes(record.digest), chain: getBytes(chain) });
  }
  return chain === head.chain && count === head.count ? fresh : undefined;
}

/**
 * The running head at the newest block that all nodes have which can be reached and aren't behind. One that is lost between
 * the two questions can't be reached.
 */
export async function agreedHead(ctx: Context, patient: number) {
  const seen = requireVault(ctx).cursors.get(SEEN_FINAL)?.block ?? 0;
  const asked = await askNodes(ctx, (view) => view.provider.getBlockNumber());
  const answered = asked.filter(({ value = -1 }) => asked.length === 1 || value >= seen);
  if (answered.length === 0) throw asked[0]!.failure ?? asked[0]!.refusal ?? noHead();
  const block = Math.min(...answered.map(({ value }) => value!));
  const heads = await askAgain(answered, (view) => headOf(view, patient, block));
  const told = speaking(heads);
  if (!areSame(told)) {
    const nodes = heads.map(({ host, value, failure, refusal }) => ({
      host,
      said: value === undefined ? (failure ?? refusal)!.code : `${value.count} records`,
    }));
    throw nodesDisagree(`the history of patient ${patient}`, nodes, block);
  }
  const [first] = told.length === 0 ? heads : told;
  if (first!.value === undefined) throw first!.failure ?? first!.refusal!;
  return { views: told.map(({ view }) => view!), block, head: first!.value };
}

const noHead = (): ChartChainError =>
  new ChartChainError("CHAIN_UNREACHABLE", "every node is behind what was already seen", {
    hint: "Check that they have synced.",
  });

const recordOf = ({ index, size, author, digest, block }: VerifiedAnchor): AnchoredRecord => ({
  index,
  size,
  author,
  digest: hexlify(digest),
  block,
});
