import { AbiCoder, dataSlice, getBytes, hexlify, keccak256, type EventLog } from "ethers";

import { batchDigest, verifyInBatch, type BatchProof } from "../../crypto/index.js";
import { lastPlaceOf } from "../../vault/index.js";
import { eventsAbout } from "../chain/events.js";
import type { Context } from "../context.js";

/** One anchored record or batch, as the chain tells it. */
export interface AnchoredRecord {
  /** From 1, in the order of the patient's history; a batch's first place. */
  index: number;
  /** How many places a batch takes, its dummies included; null for a single record. */
  size: number | null;
  author: number;
  /** The record's manifest digest, or the batch's digest. */
  digest: string;
  block: number;
}

/** A patient's anchored records and batches, oldest first, up to a block (the head when left out) and from one on. */
export async function anchoredRecords(
  ctx: Context,
  patient: number,
  toBlock?: number,
  fromBlock?: number,
): Promise<AnchoredRecord[]> {
  const { Records } = ctx.contracts;
  const kinds = [[Records, ["RecordAnchored", "BatchAnchored"]]] as const;
  const events = await eventsAbout(ctx, kinds, [patient], fromBlock, toBlock);
  return events.map(anchorIn);
}

/** What an event of the contract says was anchored. */
export const anchorIn = ({ args, blockNumber, eventName }: EventLog): AnchoredRecord => ({
  index: Number(args["index"]),
  size: eventName === "BatchAnchored" ? Number(args["count"]) : null,
  author: Number(args["author"]),
  digest: args["digest"] as string,
  block: blockNumber,
});

/** A record to look up. */
export interface SoughtRecord {
  digest: string;
  author: number;
  /** That it is in this batch or that. */
  proofs?: readonly BatchProof[] | undefined;
  /** Which anchors count, of records and of batches; all when left out. */
  counts?: ((anchor: AnchoredRecord) => boolean) | undefined;
}

/** Finds where an author anchored a record: alone or in a batch. */
export type FindAnchor = (record: SoughtRecord) => AnchoredRecord | undefined;

/**
 * Where an author anchored a record, alone or in a batch that a proof leads to; the first time, if it did so twice.
 *
 * Anybody who may write for the patient can copy a digest from the chain or from the mempool, before or after its author: an
 * anchor is a digest and its author. A batch counts as what it is proved to be only if the chain counts as many records for it
 * as the proof says.
 *
 * @param anchorsOf the anchors of a digest, oldest first
 */
export function findRecord(
  anchorsOf: (digest: string) => readonly AnchoredRecord[],
  { digest, author, proofs = [], counts = () => true }: SoughtRecord,
): AnchoredRecord | undefined {
  const by = (of: string, size: number | null) =>
    anchorsOf(of).find((anchor) => anchor.author === author && anchor.size === size && counts(anchor));
  const alone = by(digest, null);
  if (alone !== undefined) return alone;
  for (const proof of proofs) {
    const batch = batchDigest(proof);
    const anchor = by(hexlify(batch), proof.size);
    if (anchor === undefined || !verifyInBatch({ digest: batch, record: getBytes(digest), proof })) continue;
    return { ...anchor, index: anchor.index + proof.index, size: null, digest };
  }
  return undefined;
}

/** {@link findRecord} for many questions about one history, which is gone through once. */
export function anchorsIn(records: readonly AnchoredRecord[]): FindAnchor {
  const byDigest = new Map<string, AnchoredRecord[]>();
  for (const record of records) {
    const same = byDigest.get(record.digest);
    if (same === undefined) byDigest.set(record.digest, [record]);
    else same.push(record);
  }
  return (record) => findRecord((digest) => byDigest.get(digest) ?? [], record);
}

/** The patient's running head in the contract's state: what no pruned or forged log can change. */
export async function headOf(ctx: Context, patient: number, block: number): Promise<{ count: number; chain: string }> {
  return decodeHead(await ctx.contracts.Records.headOf(patient, { blockTag: block }));
}

/** A running head as the contract packs it. */
export const decodeHead = (head: bigint): { count: number; chain: string } => ({
  count: Number(head & 0xffffffffffn),
  chain: `0x${(head >> 40n).toString(16).padStart(54, "0")}`,
});

/** The chain of nobody's records: where every history begins. */
export const EMPTY_CHAIN = `0x${"00".repeat(27)}`;

/** How many records a history counts, oldest first; undefined where a place is missing or taken twice. */
export function countOf(records: readonly AnchoredRecord[]): number | undefined {
  let count = 0;
  for (const record of records) {
    if (record.index !== count + 1) return undefined;
    count = lastPlaceOf(record);
  }
  return count;
}

/**
 * The chain that a list of anchored records comes to: keccak256(chain, index, author, digest), for a batch
 * keccak256(chain, first index, author, digest, size), cut to 216 bits.
 *
 * @param from the chain before the first of them
 */
export function chainOf(records: readonly AnchoredRecord[], from: string = EMPTY_CHAIN): string {
  return records.reduce((chain, { index, size, author, digest }) => {
    const types = ["bytes27", "uint40", "uint40", "bytes32", ...(size === null ? [] : ["uint16"])];
    const values = [chain, index, author, digest, ...(size === null ? [] : [size])];
    return dataSlice(keccak256(AbiCoder.defaultAbiCoder().encode(types, values)), 0, 27);
  }, from);
}
