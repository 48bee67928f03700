import { CATEGORIES, type Category, type Client, EVERY_STEWARD } from "../../sdk/index.js";
import type { Basis, Seer } from "../../watch/index.js";
import { nameIfAgreed } from "../actor/named.js";
import { printable } from "../terminal/printable.js";
import { time } from "../terminal/tables.js";

/** Why somebody sees records, as a person would say it. */
export const BASIS_WORDS: Readonly<Record<Basis, string>> = {
  grant: "a grant",
  research: "a grant for research",
  relationship: "its relationship",
  delegate: "being a delegate",
  representative: "being a representative",
  emergency: "a broken glass",
};

/** Whose records: "every provider", "provider 1". */
export const stewardInWords = (steward: number): string =>
  steward === EVERY_STEWARD ? "every provider" : `provider ${steward}`;

/** Categories in a line: "all" where none is missing. */
export const categoriesInWords = (categories: readonly Category[]): string =>
  categories.length === CATEGORIES.length ? "all" : categories.join(", ");

/** Categories by when they end: "SUMMARY, CARE until 2030-01-31 22:59 UTC". */
export function byEnd(entries: readonly { category: Category; until: number }[]): string[] {
  const ends = Map.groupBy(entries, ({ until }) => until);
  return [...ends].map(
    ([until, each]) =>
      `${categoriesInWords(each.map(({ category }) => category))} ${until === 0 ? "without an end" : `until ${time(until)}`}`,
  );
}

/** What somebody's access waits for, and what narrows it; empty where it counts as it is. */
export const reservations = ({ waitsFor, constrained }: Pick<Seer, "waitsFor" | "constrained">): string[] => [
  ...(constrained ? ["narrowed to some records"] : []),
  ...(waitsFor === "licence" ? ["not now: no licence is live"] : []),
  ...(waitsFor === "notice" ? ["not yet: a court's notice runs"] : []),
];

/** Verified names of institutions, each asked for once; a person, and one that can't be verified, has none. */
export async function verifiedNames(client: Client, ids: Iterable<number>): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (const id of new Set(ids)) if (id > 0) names.set(id, await nameIfAgreed(client, id));
  return names;
}

/** Participants as a table names them: "City Clinic (2)", "participant 3". */
export async function namesOf(client: Client, ids: Iterable<number>): Promise<(id: number) => string> {
  const names = await verifiedNames(client, ids);
  return (id) => (names.get(id) ? `${printable(names.get(id)!)} (${id})` : `participant ${id}`);
}
