import { getBytes, hexlify } from "ethers";

import { requireVault, type Context } from "../context.js";
import { anchoredRecords, chainOf, isAnchoredBy } from "../records/history.js";
import { settleRetractions } from "../records/retractions.js";
import { agreedHead } from "../records/verified-history.js";

/** What a history comes to. */
export interface HistoryReport {
  /** The events add up to the head in the contract's state, and nothing is missing here. */
  complete: boolean;
  /** The events alone add up to the head: nobody left out, added or reordered a record. */
  matchesHead: boolean;
  /** How many records the chain counts. */
  count: number;
  chain: string;
  block: number;
  /** Digests of the records that this vault has no envelope of. */
  missing: string[];
  /** Digests of the records that this vault shredded. */
  shredded: string[];
  /** Digests of the records here that somebody else anchored as well, once for each time: that says nothing. */
  copied: string[];
  /** Digests of the records that their author retracted, and of what the author anchored for it. */
  retracted: string[];
}

/**
 * Proves a patient's history complete: recomputes the running head from every anchored digest, compares it with the
 * contract's state, and lists what this vault doesn't hold.
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
  const records = await anchoredRecords(views[0]!, patient, block);
  const inOrder = records.every((record, i) => record.index === i + 1);
  const matchesHead = inOrder && records.length === head.count && chainOf(records) === head.chain;

  await settleRetractions(ctx, [patient]);
  const retracted = vault.retractions
    .list({ patient })
    .flatMap(({ record, anchored, author }) =>
      [record, ...(anchored === undefined ? [] : [anchored])]
        .map((digest) => hexlify(digest))
        .filter((digest) => isAnchoredBy(records, { digest, author })),
    );
  const digests = [...new Set(records.map(({ digest }) => digest))];
  const shredded = digests.filter((digest) => vault.tombstones.has(getBytes(digest)));
  const accounted = new Set([...shredded, ...retracted]);
  const stewards = new Map(digests.map((digest) => [digest, vault.envelopes.get(getBytes(digest))?.steward]));
  const missing = digests.filter((digest) => !accounted.has(digest) && stewards.get(digest) === undefined);
  // A manifest names its author, who is its steward: an anchor of somebody else can't be of the same record.
  const copied = records
    .filter(({ digest, author }) => ![undefined, author].includes(stewards.get(digest)))
    .map(({ digest }) => digest);
  return {
    complete: matchesHead && missing.length === 0,
    matchesHead,
    ...head,
    block,
    missing,
    shredded,
    retracted,
    copied,
  };
}
