import { type RawBuilder, sql } from "kysely";
import type { Database } from "../store/database.js";
import { columnsOf, type Found, foundOf, type Row } from "../store/read.js";
import { fingerprintOf, type Scope, scopeOf } from "../store/scope.js";
import type { Visible } from "../store/visible.js";
import { included } from "./include.js";
import type { PageTokens, Position } from "./page-token.js";
import { type Search, searchOf, type SearchRequest, type SortKey } from "./request.js";
import { shaped } from "./shape.js";

/** One page of an answer. */
export interface Page {
  /** How many resources match over all pages, where that was asked. */
  total?: number;
  entries: PageEntry[];
  /** What the next page is asked by; absent on the last one. */
  next?: string;
}

/** A resource in an answer: it matches, or one that matches brought it. */
export interface PageEntry extends Found {
  json: string;
  mode: "match" | "include";
}

/**
 * Answers a search over what may be seen.
 *
 * @param page `next` of the page before
 * @throws Refused for whatever part of the search isn't supported
 */
export async function search(
  database: Database,
  tokens: PageTokens,
  request: SearchRequest,
  visible: Visible,
  page?: string,
): Promise<Page> {
  const asked = searchOf(request);
  const context = JSON.stringify(["search", request.type, request.parameters, fingerprintOf(visible)]);
  const position = page === undefined ? undefined : tokens.read(page, context);
  const scope = scopeOf(visible);
  const isCount = asked.summary === "count" || asked.count === 0;
  const total = isCount || asked.wantsTotal ? await count(database, asked, scope) : undefined;
  if (isCount) return { total: total!, entries: [] };

  const rows = await matches(database, asked, scope, position);
  const matched = rows.slice(0, asked.count);
  const others = await included(database, scope, asked.inclusions, matched);
  const last = rows.length > asked.count ? matched.at(-1) : undefined;
  return {
    ...(total === undefined ? {} : { total }),
    entries: [
      ...matched.map((row) => entryOf(row, "match", asked)),
      ...others.map((row) => entryOf(row, "include", asked)),
    ],
    ...(last === undefined ? {} : { next: tokens.write({ keys: keysOf(last, asked.sort), id: last.id }, context) }),
  };
}

function entryOf(row: Row, mode: PageEntry["mode"], asked: Search): PageEntry {
  const found = foundOf(row);
  return { ...found, json: shaped(found.json!, asked), mode };
}

/** What holds of each match. */
function wanted({ type, conditions }: Search, scope: Scope): RawBuilder<boolean> {
  const all = conditions.map((condition) => condition("v", scope));
  return sql<boolean>`v.type = ${type} and v.current and v.content is not null and ${scope.isFound("v")}
    and ${sql.join([sql`true`, ...all], sql` and `)}`;
}

async function count(database: Database, asked: Search, scope: Scope): Promise<number> {
  const { rows } = await sql<{ total: number }>`${scope.parts}
    select count(*)::integer as total from versions v where ${wanted(asked, scope)}`.execute(database);
  return rows[0]!.total;
}

type Match = Row & Partial<Record<string, string | number | null>>;

async function matches(
  database: Database,
  asked: Search,
  scope: Scope,
  position: Position | undefined,
): Promise<Match[]> {
  const keys = asked.sort.map((key, at) => sql`${sortValue(key)} as ${sql.raw(`key${at}`)}`);
  const order = asked.sort.map(({ descending }, at) => sql.raw(`key${at} ${descending ? "desc" : "asc"} nulls last`));
  const { rows } = await sql<Match>`${scope.parts}
    select ${columnsOf("v", "c")}${asked.sort.length === 0 ? sql`` : sql`, ${sql.join(asked.sort.map((_, at) => sql.raw(`v.key${at}`)))}`}
    from (select ${sql.join([sql`v.*`, ...keys])} from versions v where ${wanted(asked, scope)}) v
    join contents c on c.number = v.content
    where ${position === undefined ? sql`true` : after(asked.sort, position)}
    order by ${sql.join([...order, sql`v.id`])} limit ${asked.count + 1}`.execute(database);
  return rows;
}

/** A resource with several values is sorted by the first in the order that is asked. */
function sortValue({ parameter, kind, descending }: SortKey): RawBuilder<unknown> {
  if (kind === "id") return sql`v.id`;
  if (kind === "updated") return sql`v.updated`;
  const isRange = kind === "date" || kind === "number" || kind === "quantity";
  const column = sql.raw(
    isRange ? (descending ? "max(t.high)" : "min(t.low)") : descending ? "max(t.value)" : "min(t.value)",
  );
  return sql`(select ${column} from terms t where t.content = v.content and t.parameter = ${parameter})`;
}

/** What comes behind a row, in the order of the search: nothing is skipped or told twice when others are written meanwhile. */
function after(sort: readonly SortKey[], { keys, id }: Position): RawBuilder<boolean> {
  const cases = sort.map(({ descending }, at) => {
    const [column, key] = [sql.raw(`v.key${at}`), keys[at] ?? null];
    const before = sort.slice(0, at).map((_, earlier) => same(earlier, keys[earlier] ?? null));
    const beyond =
      key === null
        ? sql`false`
        : sql`(${column} ${sql.raw(descending ? "<" : ">")} ${typed(key)} or ${column} is null)`;
    return sql`(${sql.join([...before, beyond], sql` and `)})`;
  });
  const equal = sort.map((_, at) => same(at, keys[at] ?? null));
  return sql<boolean>`(${sql.join([...cases, sql`(${sql.join([...equal, sql`v.id > ${id}`], sql` and `)})`], sql` or `)})`;
}

const typed = (key: string | number): RawBuilder<unknown> =>
  typeof key === "number" ? sql`${key}::double precision` : sql`${key}::text`;

const same = (at: number, key: string | number | null): RawBuilder<unknown> =>
  key === null ? sql`${sql.raw(`v.key${at}`)} is null` : sql`${sql.raw(`v.key${at}`)} = ${typed(key)}`;

const keysOf = (row: Match, sort: readonly SortKey[]): Position["keys"] => sort.map((_, at) => row[`key${at}`] ?? null);
