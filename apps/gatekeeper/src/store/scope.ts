import { createHash } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type { Visible } from "./visible.js";

/** What one asker may see, as conditions of SQL. Every resource that a statement touches is held against them. */
export interface Scope {
  /** What stands before a statement: the records that may be seen. */
  records: RawBuilder<unknown>;
  /** Whether a current version, by its alias, lies in a record that may be seen. */
  sees: (version: string) => RawBuilder<boolean>;
  /** Whether a former version does, by what held it last; where single records are named, only if it widens none of them. */
  saw: (version: string) => RawBuilder<boolean>;
  /** Whether a version is what the asker finds under its name: among those that may be seen, the whole Patient, then the latest. */
  isFound: (version: string) => RawBuilder<boolean>;
}

/** The conditions for what may be seen. */
export function scopeOf(visible: Visible): Scope {
  const [sees, saw] = visible === "everything" ? [() => sql<boolean>`true`, () => sql<boolean>`true`] : [seen, wasSeen];
  return {
    records: sql`with seen as materialized (${visible === "everything" ? NOTHING : recordsIn(visible)}) `,
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

const NOTHING = sql`select 0 as number, false as narrowed where false`;

/** A record that is named both by its kind and by its number isn't narrowed. */
function recordsIn(parts: Exclude<Visible, "everything">): RawBuilder<unknown> {
  const kinds = parts.filter(({ records }) => records === undefined);
  const single = parts.flatMap(({ records, ...kind }) => (records ?? []).map((number) => ({ ...kind, number })));
  const same = sql.raw("r.patient = p.patient and r.category = p.category and r.confidential = p.confidential");
  const columns = sql.raw('patient integer, category text collate "C", confidential boolean');
  return sql`select number, bool_and(narrowed) as narrowed from (
    select r.number, false as narrowed from records r
      join jsonb_to_recordset(${JSON.stringify(kinds)}::jsonb) as p(${columns}) on ${same}
    union all
    select r.number, true from records r
      join jsonb_to_recordset(${JSON.stringify(single)}::jsonb) as p(${columns}, number integer) on r.number = p.number and ${same}
  ) as every_record group by number`;
}

/** Of single records no deletion is told: nobody knows any more whether what was deleted was among what is allowed. */
function seen(version: string): RawBuilder<boolean> {
  const v = sql.raw(version);
  return sql<boolean>`exists (select 1 from held h where h.version = ${v}.number and (
    h.record in (select s.number from seen s where not s.narrowed)
    or (${v}.content is not null and h.record in (select s.number from seen s where s.narrowed))))`;
}

function wasSeen(version: string): RawBuilder<boolean> {
  const v = sql.raw(version);
  return sql<boolean>`exists (select 1 from held h join seen s on s.number = h.record where h.version = ${v}.number and (not s.narrowed
    or exists (select 1 from records r join contents c on c.number = ${v}.content where r.number = h.record
      and ${v}.classes <@ r.classes and (c.first is null or (c.first >= r.first and c.last <= r.last)))))`;
}
