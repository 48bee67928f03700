import { hexlify } from "ethers";

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
  cid: string | undefined;
  createdAt: number | undefined;
  author: number | undefined;
  /** Place in the patient's history, from 1; undefined until it was seen on chain. */
  index: number | undefined;
  /** Its steward and the patient never agreed on this category, by all the terms that this vault saw. */
  outsideTerms?: true;
  /** True while it isn't seen on chain: an interruption left it, or its transaction is under way. Nobody can read it yet. */
  unfinished: boolean;
}

/**
 * The records that this vault holds envelopes of, oldest first; without those that their author retracted, which
 * `listRetractions` names.
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
  await settleRetractions(
    ctx,
    entries.map((entry) => entry.patient),
  );
  const standing = entries.filter((entry) => !isRetracted(ctx, entry));
  const records = standing.map(({ digest, patient: of, steward, metadata, anchor, status }) => {
    const kind = metadata === undefined ? undefined : CATEGORIES[metadata.category];
    const isOutside = kind !== undefined && isOutsideTerms(ctx, { patient: of, steward, category: kind });
    return {
      digest: hexlify(digest),
      patient: of,
      steward,
      category: kind,
      sensitivities: classesIn(metadata?.classes),
      confidential: metadata?.confidential === true,
      size: metadata?.size,
      cid: metadata?.cid,
      createdAt: metadata?.createdAt,
      author: metadata?.author,
      index: anchor === undefined ? undefined : anchor.index + 1,
      unfinished: status === "pending",
      ...(isOutside ? { outsideTerms: true as const } : {}),
    };
  });
  return records.filter((record) => category === undefined || record.category === category);
}
