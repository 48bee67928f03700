import { type RawBuilder, sql } from "kysely";
import { isResourceType } from "chartchain/fhir";
import type { Database } from "../store/database.js";
import { columnsOf, foundOf, type Row } from "../store/read.js";
import { Refused } from "../store/refused.js";
import { fingerprintOf, scopeOf } from "../store/scope.js";
import type { Visible } from "../store/visible.js";
import type { PageTokens } from "./page-token.js";
import { MOST } from "./request.js";
import type { Page } from "./search.js";
import { dateOf, quoted } from "./values.js";

/** Parameters of `$everything`. Source: https://hl7.org/fhir/R4/patient-operation-everything.html */
export interface EverythingRequest {
  /** Care from this date, and up to that one; what has no date of care is there in any case. */
  start?: string;
  end?: string;
  _since?: string;
  _type?: readonly string[];
  _count?: number;
}

/**
 * Everything that may be seen of one patient, in the order of types and ids.
 *
 * @param id of the Patient resource
 * @returns undefined where the asker sees no such Patient
 * @throws Refused for a date or type that is none
 */
export async function everything(
  database: Database,
  tokens: PageTokens,
  id: string,
  request: EverythingRequest,
  visible: Visible,
  page?: string,
): Promise<Page | undefined> {
  const filters = filtersOf(request);
  const count = Math.min(Math.max(request._count ?? MOST, 1), MOST);
  const context = JSON.stringify(["everything", id, request, fingerprintOf(visible)]);
  const position = page === undefined ? undefined : tokens.read(page, context);
  const scope = scopeOf(visible);
  const { rows: people } = await sql<{ patient: number }>`${scope.parts} select v.patient from versions v
    where v.type = 'Patient' and v.id = ${id} and v.current and v.content is not null and ${scope.isFound("v")}`.execute(
    database,
  );
  const [person] = people;
  if (person === undefined) return undefined;
  const after =
    position === undefined ? sql`true` : sql`(v.type, v.id) > (${String(position.keys[0])}, ${position.id})`;
  const { rows } = await sql<Row>`${scope.parts} select ${columnsOf("v", "c")}
    from versions v join contents c on c.number = v.content
    where v.current and ${scope.isFound("v")} and ${sql.join([after, ...filters], sql` and `)}
      and (v.type, v.id) in (select own.type, own.id from versions own
        where own.patient = ${person.patient} and own.current and own.content is not null and ${scope.sees("own")})
    order by v.type, v.id limit ${count + 1}`.execute(database);
  const answered = rows.slice(0, count);
  const last = rows.length > count ? answered.at(-1) : undefined;
  return {
    entries: answered.map((row) => {
      const found = foundOf(row);
      return { ...found, json: found.json!, mode: "match" };
    }),
    ...(last === undefined ? {} : { next: tokens.write({ keys: [last.type], id: last.id }, context) }),
  };
}

function filtersOf({ start, end, _since, _type }: EverythingRequest): RawBuilder<unknown>[] {
  const unknown = _type?.find((type) => !isResourceType(type));
  if (unknown !== undefined)
    throw new Refused("invalid", "_type", `_type: R4 has no resource type ${quoted(unknown)}.`);
  return [
    ...(start === undefined ? [] : [sql`(c.last is null or c.last >= ${dateOf(start, "start").low})`]),
    ...(end === undefined ? [] : [sql`(c.first is null or c.first <= ${dateOf(end, "end").high})`]),
    ...(_since === undefined ? [] : [sql`v.updated >= ${dateOf(_since, "_since").low}`]),
    ...(_type === undefined || _type.length === 0 ? [] : [sql`v.type in (${sql.join(_type)})`]),
  ];
}
