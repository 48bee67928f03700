import { getBytes, hexlify, isHexString } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { EnvelopeEntry } from "../../vault/index.js";
import { isOutsideTerms } from "../relationships/approved-terms.js";
import { requireVault, type Context } from "../context.js";
import { isRetracted, settleRetractions } from "./retraction/retractions.js";
import { CATEGORIES, classesIn, type Category, type SensitivityClass } from "../vocabulary.js";

/** A record that this vault holds. */
export interface ListedRecord {
  digest: string;
  patient: number;
  steward: number;
  /** Undefined while the key is missing: the envelope says nothing without it. */
  category: Category | undefined;
  /** Which classes of sensitive data it holds; empty if none, or while the key is missing. */
  sensitivities: readonly SensitivityClass[];
  /** Care that the patient consented to alone, as a minor. */
  confidential: boolean;
  size: number | undefined;
  /** RFC 6838; undefined while the key is missing. */
  mediaType: string | undefined;
  cid: string | undefined;
  createdAt: number | undefined;
  author: number | undefined;
  /** Digest of the record that this one replaces. */
  amends?: string;
  /** Digest of the record that this one contradicts. */
  disputes?: string;
  /** Place in the patient's history, from 1; undefined until it was seen on chain. */
  index: number | undefined;
  /** Its steward and the patient never agreed on this category, by all the terms that this vault saw. */
  outsideTerms?: true;
  /** True while it isn't seen on chain: an interruption left it, or its transaction is under way. Nobody can read it yet. */
  unfinished: boolean;
}

/** How many envelopes are looked at together where a category's records alone are wanted. */
const TOGETHER = 500;

/**
 * The records that this vault holds envelopes of, oldest first; without those that their author retracted, which
 * `listRetractions` names.
 *
 * A page takes as long as what is on it, however many records the vault holds. A record that is re-keyed or anchored meanwhile
 * moves to the end, and may come on two pages.
 *
 * @param patient only this patient's
 * @param category only these
 * @param limit at most so many (default: all)
 * @param after only what comes after the record with this digest: the last of the page before
 * @throws RECORD_UNKNOWN when the vault doesn't hold the record with the digest `after`
 *
 * @example
 * for (const { digest, category } of await client.listRecords({ patient: 7 })) console.log(category, digest);
 *
 * @example
 * const page = await client.listRecords({ patient: 7, limit: 100 });
 * const next = await client.listRecords({ patient: 7, limit: 100, after: page.at(-1)?.digest });
 */
export async function listRecords(
  ctx: Context,
  {
    patient,
    category,
    limit = Infinity,
    after,
  }: { patient?: number; category?: Category; limit?: number; after?: string | undefined } = {},
): Promise<ListedRecord[]> {
  const { envelopes } = requireVault(ctx);
  const listed = listing(ctx);
  const records: ListedRecord[] = [];
  let since = after === undefined ? 0 : placeOf(ctx, after);
  while (records.length < limit) {
    const most = limit === Infinity ? undefined : category === undefined ? limit : Math.max(limit, TOGETHER);
    const entries = envelopes.list({
      ...(patient === undefined ? {} : { patient }),
      ...(most === undefined ? {} : { limit: most }),
      since,
    });
    await settleRetractions(
      ctx,
      entries.map((entry) => entry.patient),
    );
    const standing = entries.filter((entry) => !isRetracted(ctx, entry)).map(listed);
    records.push(...standing.filter((record) => category === undefined || record.category === category));
    if (most === undefined || entries.length < most) break;
    since = entries.at(-1)!.sequence;
  }
  return limit === Infinity ? records : records.slice(0, limit);
}

function placeOf(ctx: Context, digest: string): number {
  const held = isHexString(digest, 32) ? requireVault(ctx).envelopes.get(getBytes(digest)) : undefined;
  if (held !== undefined) return held.sequence;
  throw new ChartChainError("RECORD_UNKNOWN", "this vault doesn't hold the record after which the page begins", {
    details: { digest },
    hint: "Begin from the first page again: leave `after` out.",
  });
}

/** What is listed of each: of many records of one kind the terms are looked at once. */
function listing(ctx: Context): (entry: EnvelopeEntry) => ListedRecord {
  const outside = new Map<string, boolean>();
  const isOutside = (patient: number, steward: number, category: Category): boolean => {
    const kind = `${patient}/${steward}/${category}`;
    const known = outside.get(kind) ?? isOutsideTerms(ctx, { patient, steward, category });
    outside.set(kind, known);
    return known;
  };
  return ({ digest, patient, steward, metadata, anchor, status }) => {
    const category = metadata === undefined ? undefined : CATEGORIES[metadata.category];
    return {
      digest: hexlify(digest),
      patient,
      steward,
      category,
      sensitivities: classesIn(metadata?.classes),
      confidential: metadata?.confidential === true,
      size: metadata?.size,
      mediaType: metadata?.mediaType,
      cid: metadata?.cid,
      createdAt: metadata?.createdAt,
      author: metadata?.author,
      ...(metadata?.amends === undefined ? {} : { amends: hexlify(metadata.amends) }),
      ...(metadata?.disputes === undefined ? {} : { disputes: hexlify(metadata.disputes) }),
      index: anchor === undefined ? undefined : anchor.index + 1,
      unfinished: status === "pending",
      ...(category !== undefined && isOutside(patient, steward, category) ? { outsideTerms: true as const } : {}),
    };
  };
}
