import { createHash } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import { type Category, laneOf } from "chartchain/fhir";
import type { Visible } from "./visible.js";

/** What one asker may see, as conditions of SQL. Every resource that a statement touches is held against them. */
export interface Scope {
  /** What stands before a statement: the kinds of records that may be seen, and single ones. */
  parts: RawBuilder<unknown>;
  /** Whether a current version, by its alias, lies in a record that may be seen. */
  sees: (version: string) => RawBuilder<boolean>;
  /** Whether a former version does, by what held it last; where single records are named, only if it widens none of them. */
  saw: (version: string) => RawBuilder<boolean>;
  /** Whether a version is what the asker finds under its name: among those that may be seen, the whole Patient, then the latest. */
  isFound: (version: string) => RawBuilder<boolean>;
}

/** A kind of records as one number. */
export function kindOf(patient: number, category: Category, confidential: boolean): number {
  return patient * 16 + laneOf(category) * 2 + Number(confidential);
}

/** The conditions for what may be seen. */
export function scopeOf(visible: Visible): Scope {
  const { parts, sees, saw } = visible === "everything" ? EVERYTHING : conditionsOf(visible);
  return {
    parts,
    sees,
    saw,
    isFound: (version) => {
      const other = `${version}_other`;
      const [mine, theirs] = [sql.raw(version), sql.raw(other)];
      return sql<boolean>`(${sees(version)} and not exists (
        select 1 from versions ${theirs} where ${theirs}.type = ${mine}.type and ${theirs}.id = ${mine}.id and ${theirs}.current
          and (${theirs}.variant < ${mine}.variant or (${theirs}.variant = ${mine}.variant and ${theirs}.number > ${mine}.number))
          and ${sees(other)}))`;
    },
  };
}

type Parts = Pick<Scope, "parts" | "sees" | "saw">;

const EVERYTHING: Parts = {
  parts: sql`with all_parts as (select true) `,
  sees: () => sql<boolean>`true`,
  saw: () => sql<boolean>`true`,
};

/** Of single records no deletion is told: nobody knows any more whether what was deleted was among what is allowed. */
function conditionsOf(visible: Exclude<Visible, "everything">): Parts {
  const kinds = visible.filter(({ records }) => records === undefined).map((part) => partKind(part));
  const places = visible.flatMap((part) => (part.records ?? []).map((number) => partKind(part) * RECORDS + number));
  const inKind = sql`h.kind in (select kind from kinds)`;
  const isSingle = sql`h.kind::bigint * ${sql.raw(String(RECORDS))} + h.record in (select place from places)`;
  const widensNothing = (v: RawBuilder<unknown>): RawBuilder<unknown> => sql`exists (
    select 1 from records r join contents c on c.number = ${v}.content where r.number = h.record and ${v}.classes <@ r.classes
      and (c.first is null or (c.first >= r.first and c.last <= r.last)))`;
  const held = (version: string, ofSingle: (v: RawBuilder<unknown>) => RawBuilder<unknown>): RawBuilder<boolean> => {
    const v = sql.raw(version);
    const single = places.length === 0 ? sql`` : sql` or (${isSingle} and ${ofSingle(v)})`;
    return sql<boolean>`exists (select 1 from held h where h.version = ${v}.number and (${inKind}${single}))`;
  };
  return {
    parts: sql`with kinds as materialized (select unnest(${arrayOf(kinds)}::integer[]) as kind),
      places as materialized (select unnest(${arrayOf(places)}::bigint[]) as place) `,
    sees: (version) => held(version, (v) => sql`${v}.content is not null`),
    saw: (version) => held(version, widensNothing),
  };
}

/** More than there are records: a kind times it plus a record's number is both. */
const RECORDS = 2 ** 31;

const partKind = ({ patient, category, confidential }: Exclude<Visible, "everything">[number]): number =>
  kindOf(patient, category, confidential);

const arrayOf = (numbers: readonly number[]): string => `{${numbers.join(",")}}`;

/** A name for what may be seen: the same for the same. */
export function fingerprintOf(visible: Visible): string {
  const parts =
    visible === "everything"
      ? visible
      : visible
          .map(({ patient, category, confidential, records }) =>
            JSON.stringify([
              patient,
              category,
              confidential,
              records === undefined ? null : [...new Set(records)].sort(),
            ]),
          )
          .sort();
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
