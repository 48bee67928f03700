import { type RawBuilder, sql } from "kysely";
import { jsonOf } from "./content.js";
import type { Database } from "./database.js";
import { type Scope, scopeOf } from "./scope.js";
import type { Visible } from "./visible.js";

/** A version of a resource as it is answered. */
export interface Found {
  /** In whose data it stands: a participant. A practitioner stands in the data of each patient who was treated. */
  patient: number;
  type: string;
  id: string;
  versionId: string;
  /** Milliseconds since 1970. */
  updated: number;
  /** The resource, with the store's own `versionId` and `lastUpdated`; undefined where this version is its deletion. */
  json: string | undefined;
}

/** A row of versions with its content. */
export interface Row {
  number: number;
  patient: number;
  type: string;
  id: string;
  version_id: string;
  updated: number;
  content: number | null;
  meta: string | null;
  body: string | null;
}

/** The columns of {@link Row}, for a version and its content by their aliases. */
export const columnsOf = (version: string, content: string): RawBuilder<unknown> =>
  sql.raw(
    [
      ...["number", "patient", "type", "id", "version_id", "updated", "content"].map(
        (column) => `${version}.${column}`,
      ),
      ...["meta", "body"].map((column) => `${content}.${column}`),
    ].join(", "),
  );

/** A row as it is answered. */
export function foundOf({ patient, type, id, version_id: versionId, updated, meta, body }: Row): Found {
  const json = meta === null || body === null ? undefined : jsonOf({ type, id, meta, body }, { versionId, updated });
  return { patient, type, id, versionId, updated, json };
}

/** The resource as it is now; its deletion where it was deleted; undefined where the asker sees none of that name. */
export async function read(database: Database, type: string, id: string, visible: Visible): Promise<Found | undefined> {
  const scope = scopeOf(visible);
  const { rows } = await sql<Row>`${scope.parts} select ${columnsOf("v", "c")}
    from versions v left join contents c on c.number = v.content
    where v.type = ${type} and v.id = ${id} and v.current and ${scope.isFound("v")}`.execute(database);
  return rows[0] && foundOf(rows[0]);
}

/** One version, if it is among those of {@link history}. */
export async function vread(
  database: Database,
  type: string,
  id: string,
  versionId: string,
  visible: Visible,
): Promise<Found | undefined> {
  const only = sql`v.version_id = ${versionId}`;
  const [row] = await versionsOf(database, type, id, scopeOf(visible), only);
  return row && foundOf(row);
}

/** All versions that may be seen, the latest first; undefined where the asker sees none of that name. */
export async function history(
  database: Database,
  type: string,
  id: string,
  visible: Visible,
): Promise<Found[] | undefined> {
  const rows = await versionsOf(database, type, id, scopeOf(visible), sql`true`);
  return rows.length === 0 ? undefined : rows.map(foundOf);
}

/** A former version counts if today's may be seen and it could be by itself. Of a Patient in two variants only one is shown. */
async function versionsOf(
  database: Database,
  type: string,
  id: string,
  scope: Scope,
  only: RawBuilder<unknown>,
): Promise<Row[]> {
  const { rows } = await sql<Row>`${scope.parts}, today as (
      select t.* from versions t where t.type = ${type} and t.id = ${id} and t.current and ${scope.sees("t")}
    )
    select ${columnsOf("v", "c")}
    from versions v join today t on t.patient = v.patient and t.variant = v.variant left join contents c on c.number = v.content
    where v.type = ${type} and v.id = ${id} and t.variant = (select min(variant) from today)
      and (v.number = t.number or ${scope.saw("v")}) and ${only}
    order by v.number desc`.execute(database);
  return rows;
}
