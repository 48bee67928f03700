import { DEFAULT_MAX_BYTES, exportFromServer, parseLiteral, type ServerFile, TRAVELLING } from "chartchain/fhir";
import { ChartChainError } from "chartchain/errors";

import type { Database } from "../store/database.js";
import { readExact } from "../store/exact-json.js";
import { whoseIs } from "./owners.js";
import { type Change, changesSince, sentOf, type Source, stampOf } from "./source.js";
import { isAmong, parts, remember, remembered } from "./tables.js";

/** A reading under way: it goes on there after a kill. */
interface Begun {
  since?: string;
  /** Where the server has the state of its export. */
  job?: string;
  /** The server's time when it was begun; what changed later comes the next time. */
  time?: string;
  /** Names of files that are through. */
  done: string[];
  /** Everything was asked for: what doesn't come isn't there any more. */
  whole: boolean;
}

/** A reading that is through. */
export interface Read {
  /** The next one asks for what changed since. */
  next: string;
  whole: boolean;
}

/** The hospital's own log of who looked at what isn't anybody's record. */
const LEFT: ReadonlySet<string> = new Set(["AuditEvent", "OperationOutcome"]);

/** Names that came in a whole reading, so that what didn't come is found. */
const CAME = "came";

/**
 * Reads what changed on the hospital's FHIR server, or all of it, into the database. Killed at any moment, the same call goes on.
 *
 * @param again reads all of it once more
 * @throws FHIR_SERVER_…, UPSTREAM_ADDRESS_REFUSED; the reason of `signal`
 */
export async function readUpstream(
  database: Database,
  source: Source,
  { again, signal }: { again: boolean; signal: AbortSignal },
): Promise<Read> {
  const since = again ? undefined : await remembered<string>(database, "since");
  const found = await remembered<Begun>(database, "begun");
  const known = again && found?.whole !== true ? undefined : found;
  const isWhole = since === undefined;
  if (since !== undefined && known?.whole !== true) {
    const history = await changesSince(source, since, signal);
    if (history !== undefined) {
      await arriveAll(database, source.base, history.changes);
      return { next: history.now, whole: false };
    }
  }
  let begun: Begun = known ?? { done: [], whole: isWhole, ...(isWhole ? {} : { since }) };
  const keep = async (more: Partial<Begun>): Promise<void> => {
    begun = { ...begun, ...more };
    await remember(database, "begun", begun);
  };
  const { files, transactionTime, by, done } = await exportFromServer({
    ...source.options,
    signal,
    // An export is for a first time: a server takes minutes for each.
    ...(begun.since === undefined ? {} : { since: begun.since, by: "search" as const }),
    ...(begun.job === undefined ? {} : { job: begun.job }),
    onJob: (job) => keep({ job, done: [] }),
  });
  if (by === "export" || begun.time === undefined) await keep({ time: transactionTime });
  for (const file of files) {
    if (begun.done.includes(file.name)) continue;
    await arriveAll(database, source.base, changesIn(file), begun.whole);
    await keep({ done: [...begun.done, file.name] });
  }
  await done();
  return { next: begun.time!, whole: begun.whole };
}

/** Ends a reading, once all of it is in charts. */
export async function endReading(database: Database, { next }: Read): Promise<void> {
  await database.transaction().execute(async (tx) => {
    await remember(tx, "since", next);
    await remember(tx, "begun", undefined);
    await tx.deleteFrom("upstream_state").where("name", "like", `${CAME} %`).execute();
  });
}

/** Says of what a whole reading didn't bring that it was deleted. */
export async function missWhatDidNotCome(database: Database): Promise<void> {
  const came = await database.selectFrom("upstream_state").select("name").where("name", "like", `${CAME} %`).execute();
  const names = new Set(came.map(({ name }) => name.slice(CAME.length + 1)));
  const [resources, people] = await Promise.all([
    database
      .selectFrom("upstream_resources")
      .select(["type", "id"])
      .where("owner", "is not", null)
      .distinct()
      .execute(),
    database.selectFrom("upstream_people").select("id").where("json", "is not", null).execute(),
  ]);
  const all = [...resources, ...people.map(({ id }) => ({ type: "Patient", id }))];
  const gone = all.filter(({ type, id }) => !names.has(`${type}/${id}`));
  await arrive(
    database,
    "",
    gone.map((name) => ({ ...name, json: undefined })),
  );
}

async function* changesIn({ name, read }: ServerFile): AsyncGenerator<Change> {
  const isDeletions = name.startsWith("deleted-");
  for await (const line of linesOf(read())) {
    const resource = readExact(line) as object;
    if (isDeletions) {
      for (const { request } of (resource as { entry?: { request?: { url?: string } }[] }).entry ?? []) {
        const literal = parseLiteral(request?.url ?? "");
        if (literal !== undefined) yield { type: literal.type, id: literal.id, json: undefined };
      }
      continue;
    }
    const sent = sentOf(resource);
    if (sent !== undefined) yield sent;
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop()!;
    if (rest.length > DEFAULT_MAX_BYTES)
      throw new ChartChainError("FHIR_SERVER_ANSWER_INVALID", "a line of the FHIR server's export has no end", {
        details: { maxBytes: DEFAULT_MAX_BYTES },
        hint: "Ask its operator.",
      });
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield rest;
}

/** So many changes are written together. */
const TOGETHER = 500;

async function arriveAll(
  database: Database,
  base: string,
  changes: AsyncIterable<Change>,
  isWhole = false,
): Promise<void> {
  let some: Change[] = [];
  const flush = async (): Promise<void> => {
    await arrive(database, base, some);
    if (isWhole)
      for (const chunk of parts(some))
        await database
          .insertInto("upstream_state")
          .values(chunk.map(({ type, id }) => ({ name: `${CAME} ${type}/${id}`, value: "true" })))
          .onConflict((conflict) => conflict.column("name").doNothing())
          .execute();
    some = [];
  };
  for await (const change of changes) {
    if (LEFT.has(change.type)) continue;
    some.push(change);
    if (some.length >= TOGETHER) await flush();
  }
  await flush();
}

/**
 * Notes changes that aren't in anybody's data yet. What is there in the version that came is passed over.
 *
 * @returns how many there are to put into charts
 */
export async function arrive(database: Database, base: string, changes: readonly Change[]): Promise<number> {
  const newest = [...new Map(changes.map((change) => [`${change.type}/${change.id}`, change])).values()];
  let count = 0;
  for (const chunk of parts(newest)) {
    const here = await database
      .selectFrom("upstream_resources")
      .select(["type", "id", "stamp"])
      .where(isAmong(chunk))
      .execute();
    const stamps = Map.groupBy(here, ({ type, id }) => `${type}/${id}`);
    const rows: { type: string; id: string; json: string | null; owner: string | null }[] = [];
    for (const change of chunk) {
      const { type, id, json } = change;
      const known = stamps.get(`${type}/${id}`) ?? [];
      if (json === undefined) {
        if (type === "Patient")
          await database.updateTable("upstream_people").set({ json: null }).where("id", "=", id).execute();
        if (known.length > 0) rows.push({ type, id, json: null, owner: null });
        continue;
      }
      const stamp = stampOf(change);
      const whose = whoseIs(base, change);
      if (type === "Patient") await arrivePerson(database, id, json);
      if (whose.is === "companion" && !TRAVELLING.has(type) && known.length === 0) continue;
      if (whose.is === "companion") await keepCompanion(database, { type, id, json, stamp });
      if (known.length > 0 && known.every((one) => one.stamp === stamp)) continue;
      if (whose.is === "companion" && known.length === 0) continue;
      rows.push({ type, id, json, owner: whose.is === "of" ? whose.patient : null });
    }
    count += rows.length;
    if (rows.length === 0) continue;
    await database
      .insertInto("upstream_arrivals")
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(["type", "id"])
          .doUpdateSet((row) => ({ json: row.ref("excluded.json"), owner: row.ref("excluded.owner") })),
      )
      .execute();
  }
  return count;
}

async function arrivePerson(database: Database, id: string, json: string): Promise<void> {
  await database
    .insertInto("upstream_people")
    .values({ id, json, participant: null, state: "nobody", doubts: "[]", decided: null })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ json }))
    .execute();
}

/** Keeps, or replaces, what goes with whoever refers to it. */
export async function keepCompanion(
  database: Database,
  companion: { type: string; id: string; json: string; stamp: string },
): Promise<void> {
  const { json, stamp } = companion;
  await database
    .insertInto("upstream_companions")
    .values(companion)
    .onConflict((conflict) => conflict.columns(["type", "id"]).doUpdateSet({ json, stamp }))
    .execute();
}
