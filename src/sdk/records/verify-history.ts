import { getBytes, hexlify } from "ethers";

import { lastPlaceOf } from "../../vault/index.js";
import { requireVault, type Context } from "../context.js";
import { isSigned } from "./author-signature.js";
import { anchoredRecords, anchorsIn, chainOf, countOf, type AnchoredRecord } from "./history.js";
import { messageIn } from "./retraction/retraction-statement.js";
import { settleRetractions } from "./retraction/retractions.js";
import { agreedHead } from "./verified-history.js";

/** A batch in a history, and what this vault knows of it. */
export interface BatchInHistory {
  author: number;
  digest: string;
  /** Its first place in the history, from 1. */
  index: number;
  /** How many places it takes, dummies included. */
  size: number;
  /** Which records stand where; undefined where this vault has no list of the batch: its author withholds it. */
  records: { index: number; digest: string }[] | undefined;
  /** How many places are dummies, or records that this vault has no envelope of: the list doesn't tell which. */
  unknown: number;
}

/** What a history comes to. */
export interface HistoryReport {
  /**
   * The events add up to the head in the contract's state, and nothing is missing here; of a batch its list isn't, but its
   * author may have passed records off as dummies.
   */
  complete: boolean;
  /** The events alone add up to the head: nobody left out, added or reordered a record. */
  matchesHead: boolean;
  /** How many records the chain counts at the most: batches may hold dummies. */
  count: number;
  chain: string;
  block: number;
  /** Digests of the records, anchored alone, that this vault has no envelope of. */
  missing: string[];
  /** Digests of the records that this vault shredded. */
  shredded: string[];
  /** Digests of the records here that somebody else anchored as well, once for each time: that says nothing. */
  copied: string[];
  /** Digests of the records that their author retracted, and of what the author anchored for it. */
  retracted: string[];
  /** The batches, oldest first. */
  batches: BatchInHistory[];
  /** The places of batches whose list never came, and who anchored them. What others anchored is verified all the same. */
  withheld: { author: number; from: number; to: number }[];
  /** How many anchors their author signed for, as this vault has checked: records, batches and retractions. */
  signed: number;
  /** The anchors that nothing but a node's word stands behind: their author's signature never came. */
  unproved: { author: number; digest: string; from: number; to: number }[];
}

/**
 * Proves a patient's history complete: recomputes the running head from every anchored digest, compares it with the
 * contract's state, and lists what this vault doesn't hold. Of a batch it tells which place is which record where the list
 * is here, and whose batch it is where it isn't. And it tells which anchors their author signed for: a node can hide one, and
 * can't make up one of those.
 *
 * @param patient the patient's participant id
 * @throws NODES_DISAGREE when several nodes name different heads
 *
 * @example
 * const { complete, missing } = await client.verifyHistory({ patient: 7 });
 */
export async function verifyHistory(ctx: Context, { patient }: { patient: number }): Promise<HistoryReport> {
  const vault = requireVault(ctx);
  const { views, block, head } = await agreedHead(ctx, patient);
  const anchors = await anchoredRecords(views[0]!, patient, block);
  const matchesHead = countOf(anchors) === head.count && chainOf(anchors) === head.chain;

  await settleRetractions(ctx, [patient]);
  const find = anchorsIn(anchors);
  const retracted = vault.retractions
    .list({ patient })
    .flatMap(({ record, anchored, author }) =>
      [record, ...(anchored === undefined ? [] : [anchored])]
        .map((digest) => hexlify(digest))
        .filter((digest) => find({ digest, author, proofs: vault.batches.proofsOf(getBytes(digest)) }) !== undefined),
    );
  const records = anchors.filter(({ size }) => size === null);
  const digests = [...new Set(records.map(({ digest }) => digest))];
  const shredded = digests.filter((digest) => vault.tombstones.has(getBytes(digest)));
  const accounted = new Set([...shredded, ...retracted]);
  const stewards = new Map(digests.map((digest) => [digest, vault.envelopes.get(getBytes(digest))?.steward]));
  const missing = digests.filter((digest) => !accounted.has(digest) && stewards.get(digest) === undefined);
  // A manifest names its author, who is its steward: an anchor of somebody else can't be of the same record.
  const copied = records
    .filter(({ digest, author }) => ![undefined, author].includes(stewards.get(digest)))
    .map(({ digest }) => digest);
  const batches = anchors.filter(isBatch).map((anchor) => batchIn(ctx, anchor));
  const withheld = batches
    .filter((batch) => batch.records === undefined)
    .map(({ author, index, size }) => ({ author, from: index, to: index + size - 1 }));
  const said = retractionsSaid(ctx, patient);
  const unproved = anchors
    .filter((anchor) => !isSigned(ctx, patient, anchor) && !said.has(`${anchor.author}/${anchor.digest}`))
    .map((anchor) => ({ author: anchor.author, digest: anchor.digest, from: anchor.index, to: lastPlaceOf(anchor) }));
  return {
    complete: matchesHead && missing.length === 0 && withheld.length === 0,
    matchesHead,
    ...head,
    block,
    missing,
    shredded,
    retracted,
    copied,
    batches,
    withheld,
    signed: anchors.length - unproved.length,
    unproved,
  };
}

/** What authors anchored to retract a record, as their signed statements say. */
const retractionsSaid = (ctx: Context, patient: number): Set<string> =>
  new Set(
    requireVault(ctx)
      .retractions.statements({ patient })
      .map(({ signed }) => messageIn(signed))
      .map(({ author, retraction }) => `${author}/${retraction}`),
  );

const isBatch = (anchor: AnchoredRecord): anchor is AnchoredRecord & { size: number } => anchor.size !== null;

/** What this vault knows of an anchored batch. A list of another size than the chain counts is none: somebody miscounted. */
function batchIn(ctx: Context, { author, digest, index, size }: AnchoredRecord & { size: number }): BatchInHistory {
  const { batches, envelopes, tombstones } = requireVault(ctx);
  const list = batches.get(getBytes(digest));
  const known = { author, digest, index, size };
  if (list?.header.size !== size) return { ...known, records: undefined, unknown: size };
  const isHere = (record: Uint8Array) => tombstones.has(record) || envelopes.get(record)?.steward === author;
  const records = list.records.flatMap((record, i) =>
    isHere(record) ? [{ index: index + i, digest: hexlify(record) }] : [],
  );
  return { ...known, records, unknown: size - records.length };
}
