import { hexlify } from "ethers";

import { requireVault, type Context } from "../context.js";
import { CATEGORIES, type Category } from "../vocabulary.js";

/** A record that this vault holds. */
export interface ListedRecord {
  digest: string;
  patient: number;
  steward: number;
  /** Undefined while the key is missing: the envelope says nothing without it. */
  category: Category | undefined;
  size: number | undefined;
  cid: string | undefined;
  createdAt: number | undefined;
  author: number | undefined;
  /** Place in the patient's history, from 1; undefined until it was seen on chain. */
  index: number | undefined;
  /** True while it isn't seen on chain: an interruption left it, or its transaction is under way. Nobody can read it yet. */
  unfinished: boolean;
}

/**
 * The records that this vault holds envelopes of, oldest first.
 *
 * @param patient only this patient's
 * @param category only these
 *
 * @example
 * for (const { digest, category } of await client.listRecords({ patient: 7 })) console.log(category, digest);
 */
export async function listRecords(
  ctx: Context,
  { patient, category }: { patient?: number; category?: Category } = {},
): Promise<ListedRecord[]> {
  const entries = requireVault(ctx).envelopes.list(patient === undefined ? {} : { patient });
  const records = entries.map((entry) => ({
    digest: hexlify(entry.digest),
    patient: entry.patient,
    steward: entry.steward,
    category: entry.metadata === undefined ? undefined : CATEGORIES[entry.metadata.category],
    size: entry.metadata?.size,
    cid: entry.metadata?.cid,
    createdAt: entry.metadata?.createdAt,
    author: entry.metadata?.author,
    index: entry.anchor === undefined ? undefined : entry.anchor.index + 1,
    unfinished: entry.status === "pending",
  }));
  return records.filter((record) => category === undefined || record.category === category);
}
