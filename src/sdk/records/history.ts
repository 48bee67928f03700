import { AbiCoder, dataSlice, keccak256 } from "ethers";

import { queryEvents } from "../chain/events.js";
import { chainCall } from "../chain/errors.js";
import type { Context } from "../context.js";

/** One anchored record, as the chain tells it. */
export interface AnchoredRecord {
  /** From 1, in the order of the patient's history. */
  index: number;
  author: number;
  digest: string;
  block: number;
}

/** A patient's anchored records, oldest first, up to a block (the head when left out) and from one on. */
export async function anchoredRecords(
  ctx: Context,
  patient: number,
  toBlock?: number,
  fromBlock?: number,
): Promise<AnchoredRecord[]> {
  const { Records } = ctx.contracts;
  const events = await queryEvents(ctx, Records, Records.filters.RecordAnchored(patient), fromBlock, toBlock);
  return events.map(({ args, blockNumber }) => ({
    index: Number(args["index"]),
    author: Number(args["author"]),
    digest: args["digest"] as string,
    block: blockNumber,
  }));
}

/**
 * Where an author anchored a digest; the first time, if it did so twice. Anybody who may write for the patient can copy
 * a digest from the chain or from the mempool, before or after its author: an anchor is a digest and its author.
 */
export const findAnchor = (
  records: readonly AnchoredRecord[],
  { digest, author }: { digest: string; author: number },
): AnchoredRecord | undefined => records.find((record) => record.digest === digest && record.author === author);

/** Finds where an author anchored a digest. */
export type FindAnchor = (anchor: { digest: string; author: number }) => AnchoredRecord | undefined;

/** {@link findAnchor} for many questions about one history, which is gone through once. */
export function anchorsIn(records: readonly AnchoredRecord[]): FindAnchor {
  const first = new Map<string, AnchoredRecord>();
  for (const record of records) {
    const key = `${record.digest}/${record.author}`;
    if (!first.has(key)) first.set(key, record);
  }
  return ({ digest, author }) => first.get(`${digest}/${author}`);
}

/** Whether this author anchored this digest. */
export const isAnchoredBy = (records: readonly AnchoredRecord[], anchor: { digest: string; author: number }): boolean =>
  findAnchor(records, anchor) !== undefined;

/** The patient's running head in the contract's state: what no pruned or forged log can change. */
export async function headOf(ctx: Context, patient: number, block: number): Promise<{ count: number; chain: string }> {
  return decodeHead(await chainCall(() => ctx.contracts.Records.headOf(patient, { blockTag: block })));
}

/** A running head as the contract packs it. */
export const decodeHead = (head: bigint): { count: number; chain: string } => ({
  count: Number(head & 0xffffffffffn),
  chain: `0x${(head >> 40n).toString(16).padStart(54, "0")}`,
});

/** The chain of nobody's records: where every history begins. */
export const EMPTY_CHAIN = `0x${"00".repeat(27)}`;

/**
 * The chain that a list of anchored records comes to: keccak256(chain, index, author, digest), cut to 216 bits.
 *
 * @param from the chain before the first of them
 */
export function chainOf(records: readonly AnchoredRecord[], from: string = EMPTY_CHAIN): string {
  return records.reduce((chain, { index, author, digest }) => {
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ["bytes27", "uint40", "uint40", "bytes32"],
      [chain, index, author, digest],
    );
    return dataSlice(keccak256(encoded), 0, 27);
  }, from);
}
