import { getBytes, hexlify } from "ethers";

import { requireVault, type Context } from "../context.js";
import type { ListedRecord } from "../records/list-records.js";
import type { Gathered } from "./gather.js";

/** How one record stands to the others of an export. Sentences, for a person; empty where there is nothing to say. */
export interface RecordStanding {
  /** Why it isn't what counts, or not alone: it was replaced or amended, or is disputed. */
  against: readonly string[];
  /** What it replaces, amends or disputes. */
  about: readonly string[];
}

/** What nothing is said about. */
const ALONE: RecordStanding = { against: [], about: [] };

/**
 * How records stand to each other, as their own metadata in this vault has it, so that it is known before one of them is
 * opened. What isn't anchored says nothing, and neither does what isn't among the records that are exported: an amendment that
 * was retracted replaces nothing.
 *
 * Any author can name any record. It is replaced by the word of who wrote and keeps it, in its own category; everything else is
 * told with the name of whose word it is.
 */
export function standingsOf(
  ctx: Context,
  gathered: Gathered,
  listed: readonly ListedRecord[],
): (digest: string) => RecordStanding {
  const { envelopes } = requireVault(ctx);
  const byDigest = new Map(listed.map((record) => [record.digest, record]));
  const against = new Map<string, string[]>();
  const about = new Map<string, string[]>();
  const say = (sentences: Map<string, string[]>, { digest }: ListedRecord, sentence: string) =>
    sentences.set(digest, [...(sentences.get(digest) ?? []), sentence]);
  for (const record of listed) {
    const { amends, disputes } = envelopes.get(getBytes(record.digest))?.metadata ?? {};
    if (record.index === undefined) continue;
    const own = `place ${record.index}`;
    const author = gathered.nameOf(record.author ?? record.steward);
    if (amends !== undefined) {
      const amended = byDigest.get(hexlify(amends));
      const replaces = amended === undefined || isReplaced(amended, record);
      say(about, record, `${replaces ? "Replaces" : "Amends"} ${placeOf(amended)}`);
      if (amended !== undefined) {
        say(against, amended, replaces ? `Replaced by ${own}` : `Amended by ${own}, of ${author}`);
      }
    }
    if (disputes !== undefined) {
      const disputed = byDigest.get(hexlify(disputes));
      say(about, record, `Disputes ${placeOf(disputed)}`);
      if (disputed !== undefined) say(against, disputed, `Disputed by ${own}, of ${author}`);
    }
  }
  return (digest) =>
    against.has(digest) || about.has(digest)
      ? { against: against.get(digest) ?? [], about: about.get(digest) ?? [] }
      : ALONE;
}

/** A doubt about sensitivity that is lifted amends a record by copies in other categories, which may hold a part of it. */
const isReplaced = (old: ListedRecord, { author, steward, category }: ListedRecord): boolean =>
  old.author === author && old.steward === steward && old.category === category;

const placeOf = (record: ListedRecord | undefined): string =>
  record?.index === undefined ? "a record that isn't here" : `place ${record.index}`;
