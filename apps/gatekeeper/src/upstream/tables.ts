import { sql } from "kysely";
import type { FhirEntry } from "chartchain/fhir";

import { jsonOf } from "../store/content.js";
import type { Database } from "../store/database.js";
import { entryOf } from "./owners.js";

/** Rows of one statement. */
const ROWS = 500;

/** What was remembered under a name. */
export async function remembered<T>(database: Database, name: string): Promise<T | undefined> {
  const row = await database.selectFrom("upstream_state").select("value").where("name", "=", name).executeTakeFirst();
  return row === undefined ? undefined : (JSON.parse(row.value) as T);
}

/** Remembers something under a name, or forgets it. */
export async function remember(database: Database, name: string, value: unknown): Promise<void> {
  if (value === undefined) return void (await database.deleteFrom("upstream_state").where("name", "=", name).execute());
  const text = JSON.stringify(value);
  await database
    .insertInto("upstream_state")
    .values({ name, value: text })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: text }))
    .execute();
}

/** The current resources of a chart, as they came from the server. */
export async function entriesOfChart(database: Database, base: string, chart: number): Promise<FhirEntry[]> {
  const rows = await database
    .selectFrom("versions as v")
    .innerJoin("contents as c", "c.number", "v.content")
    .select(["c.type", "c.id", "c.meta", "c.body", "v.source_updated"])
    .where("v.patient", "=", chart)
    .where("v.current", "=", true)
    .where("v.variant", "=", 0)
    .orderBy("v.number")
    .execute();
  return rows.map((row) => entryOf(base, { type: row.type, id: row.id, json: jsonOf(row) }));
}

/** Forgets a chart that only the hospital's own staff saw, with its history. */
export async function dropChart(database: Database, chart: number): Promise<void> {
  if (chart >= 0) throw new Error("others may have seen this chart");
  await database.transaction().execute(async (tx) => {
    await sql`delete from held using versions v where v.number = held.version and v.patient = ${chart}`.execute(tx);
    for (const table of ["versions", "records"] as const)
      await tx.deleteFrom(table).where("patient", "=", chart).execute();
    await tx.deleteFrom("upstream_resources").where("chart", "=", chart).execute();
  });
}

/** Forgets resources of a chart in every version. What is left has to be split into records again. */
export async function forget(
  database: Database,
  chart: number,
  names: readonly { type: string; id: string }[],
): Promise<void> {
  await database.transaction().execute(async (tx) => {
    for (const chunk of parts(names)) {
      const list = sql.join(chunk.map(({ type, id }) => sql`(${type}, ${id})`));
      await sql`delete from held using versions v
        where v.number = held.version and v.patient = ${chart} and (v.type, v.id) in (${list})`.execute(tx);
      await tx.deleteFrom("versions").where("patient", "=", chart).where(isAmong(chunk)).execute();
    }
  });
}

/** Parts of a list that one statement takes. */
export function* parts<T>(list: readonly T[]): Generator<T[]> {
  for (let at = 0; at < list.length; at += ROWS) yield list.slice(at, at + ROWS);
}

/** Whether a pair of columns is one of these names. */
export const isAmong = (names: readonly { type: string; id: string }[]) =>
  sql<boolean>`(type, id) in (${sql.join(names.map(({ type, id }) => sql`(${type}, ${id})`))})`;
