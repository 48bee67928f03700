import { type RawBuilder, sql } from "kysely";
import type { Database } from "../store/database.js";
import { columnsOf, type Row } from "../store/read.js";
import { Refused } from "../store/refused.js";
import type { Scope } from "../store/scope.js";
import type { Inclusion } from "./request.js";

/** How many resources a page may bring along. */
const MOST = 5_000;

/** How often `:iterate` follows what was brought along. */
const ROUNDS = 4;

/**
 * What the matches of a page bring along, each once, in the order of types and ids. `:iterate` goes four steps.
 *
 * @throws Refused `too-costly` where it is too much: an answer is whole or none
 */
export async function included(
  database: Database,
  scope: Scope,
  inclusions: readonly Inclusion[],
  matched: readonly Row[],
): Promise<Row[]> {
  const known = new Set(matched.map(({ number }) => number));
  const found: Row[] = [];
  let from = matched;
  for (let round = 0; round < ROUNDS && from.length > 0; round++) {
    const news: Row[] = [];
    for (const inclusion of inclusions) {
      if (round > 0 && !inclusion.iterate) continue;
      for (const row of await follow(database, scope, inclusion, from)) {
        if (known.has(row.number)) continue;
        known.add(row.number);
        news.push(row);
      }
    }
    found.push(...news);
    if (found.length > MOST)
      throw new Refused(
        "too-costly",
        "_include",
        `The page brings along more than ${MOST} resources: ask for fewer by _count.`,
      );
    from = news;
  }
  return found.sort((a, b) => compare(a.type, b.type) || compare(a.id, b.id));
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

async function follow(database: Database, scope: Scope, inclusion: Inclusion, from: readonly Row[]): Promise<Row[]> {
  const { reverse, type, parameter, target } = inclusion;
  const link = reverse ? reverseLink(inclusion, from) : forwardLink(inclusion, from);
  if (link === undefined) return [];
  const narrowed = target === undefined ? sql`true` : sql`l.system = ${target}`;
  const { rows } = await sql<Row>`${scope.parts} select ${columnsOf("v", "c")}
    from versions v join contents c on c.number = v.content
    where v.current and ${scope.isFound("v")} and ${link(sql`l.type = ${type} and l.parameter = ${parameter} and ${narrowed}`)}
    limit ${MOST + 1}`.execute(database);
  return rows;
}

type Link = (of: RawBuilder<unknown>) => RawBuilder<unknown>;

function forwardLink({ type }: Inclusion, from: readonly Row[]): Link | undefined {
  const contents = from.flatMap((row) => (row.type === type ? (row.content ?? []) : []));
  if (contents.length === 0) return undefined;
  return (of) =>
    sql`(v.type, v.id) in (select l.system, l.value from terms l where ${of} and l.content in (${sql.join(contents)}))`;
}

function reverseLink({ target }: Inclusion, from: readonly Row[]): Link | undefined {
  const names = from.filter((row) => target === undefined || row.type === target);
  if (names.length === 0) return undefined;
  const list = sql.join(names.map(({ type, id }) => sql`(${type}, ${id})`));
  return (of) => sql`v.content in (select l.content from terms l where ${of} and (l.system, l.value) in (${list}))`;
}
