import { expect } from "chai";
import fc from "fast-check";
import { setTimeout } from "node:timers/promises";
import { type Summary, summaryOf } from "../../src/fhir/summary.js";
import { jsonOf } from "../../src/store/content.js";
import type { Database } from "../../src/store/database.js";
import type { Page, Store } from "../../src/store/index.js";
import type { Visible, VisiblePart } from "../../src/store/visible.js";
import { canonical, deletionOf, importOf } from "./inputs.js";
import { onEachDatabase, type Opened } from "./places.js";
import { type Asked, type Import, imports, PATIENTS, search, seen, type Seen } from "./world.js";

const IS_DEEP = process.env["CHARTCHAIN_DEEP"] !== undefined;

/** Each world is asked these many searches by two askers. */
const WORLDS = IS_DEEP ? 400 : 20;
const SEARCHES = 10;

onEachDatabase("An answer", (open) => {
  let [whole, visibleOnly]: Opened[] = [];
  before(async () => {
    [whole, visibleOnly] = [await open(), await open()];
  });

  it("is that of a store which never held what is withheld", async () => {
    const world = fc.record({
      imports,
      askers: fc.array(seen, { minLength: 2, maxLength: 2 }),
      searches: fc.array(search, { minLength: SEARCHES, maxLength: SEARCHES }),
    });
    let [some, shown] = [0, 0];
    await fc.assert(
      fc.asyncProperty(world, async ({ imports: steps, askers, searches }) => {
        await whole!.empty();
        for (const step of steps) await take(whole!.store, step);
        for (const asker of askers) {
          const visible = await visibleTo(whole!.store, asker);
          await visibleOnly!.empty();
          for (const step of await visibleSteps(whole!.database, visible)) await take(visibleOnly!.store, step);
          for (const asked of searches) {
            const answer = await pagesOf(whole!.store, asked, visible);
            expect(answer, JSON.stringify(asked)).to.deep.equal(await pagesOf(visibleOnly!.store, asked, "everything"));
            shown++;
            if (answer.some(({ entries, total }) => entries.length > 0 || (total ?? 0) > 0)) some++;
          }
          await compareNames(whole!, visibleOnly!.store, visible);
        }
      }),
      { numRuns: WORLDS, seed: 0x43686172 },
    );
    // A property about empty answers would say nothing.
    expect(some / shown).to.be.greaterThan(0.2);
  });
});

async function take(store: Store, { patient, resources }: Import): Promise<void> {
  await store.put(patient, importOf(...resources));
  // Two imports are never of one millisecond, so that both stores sort them the same.
  await setTimeout(2);
}

/** Of some kinds only every other record, by the store's own numbers. */
async function visibleTo(store: Store, asker: readonly Seen[]): Promise<VisiblePart[]> {
  const records = (await Promise.all(PATIENTS.map((patient) => store.records(patient)))).flat();
  return asker.map(({ only, ...kind }) => {
    if (only === undefined) return kind;
    const same = records.filter((one) => {
      return one.patient === kind.patient && one.category === kind.category && one.confidential === kind.confidential;
    });
    return { ...kind, records: same.map(({ number }) => number).filter((_, at) => at % 2 === only) };
  });
}

interface VersionRow {
  number: number;
  patient: number;
  type: string;
  id: string;
  variant: number;
  content: number | null;
  updated: number;
  current: boolean;
  classes: string[];
}

/**
 * What an asker may see, as imports of its own, in the order in which it came. Told from the rows alone, by other words than the
 * store's.
 */
async function visibleSteps(database: Database, visible: VisiblePart[]): Promise<Import[]> {
  const versions = (await database.selectFrom("versions").selectAll().orderBy("number").execute()) as VersionRow[];
  const contents = new Map(
    (await database.selectFrom("contents").selectAll().execute()).map((one) => [one.number, one]),
  );
  const records = new Map((await database.selectFrom("records").selectAll().execute()).map((one) => [one.number, one]));
  const held = Map.groupBy(await database.selectFrom("held").selectAll().execute(), (one) => one.version);
  const admits = (number: number): { wide: boolean; narrow: boolean } => {
    const record = records.get(number)!;
    const parts = visible.filter((part) => {
      return (
        part.patient === record.patient &&
        part.category === record.category &&
        part.confidential === record.confidential
      );
    });
    return {
      wide: parts.some((part) => part.records === undefined),
      narrow: parts.some((part) => part.records?.includes(number)),
    };
  };
  const isSeen = (version: VersionRow): boolean =>
    (held.get(version.number) ?? []).some(({ record }) => {
      const { wide, narrow } = admits(record);
      return wide || (narrow && version.content !== null);
    });
  const wasSeen = (version: VersionRow): boolean =>
    (held.get(version.number) ?? []).some(({ record }) => {
      const { wide, narrow } = admits(record);
      if (wide || !narrow) return wide;
      const content = version.content === null ? undefined : contents.get(version.content);
      const { classes, first, last } = records.get(record)!;
      if (content === undefined || !version.classes.every((one) => (classes as string[]).includes(one))) return false;
      return content.first === null || (first !== null && content.first >= first && content.last! <= last!);
    });
  const today = versions.filter((one) => one.current && isSeen(one));
  const shown = today.filter((one) => {
    return !today.some((other) => other.type === one.type && other.id === one.id && other.variant < one.variant);
  });
  const told = versions.filter((version) => {
    const now = shown.find((one) => {
      return (
        one.patient === version.patient &&
        one.type === version.type &&
        one.id === version.id &&
        one.variant === version.variant
      );
    });
    return now !== undefined && (now === version || wasSeen(version));
  });
  const steps: (Import & { updated: number })[] = [];
  for (const { number, patient, updated, type, id, content } of told) {
    // What says the same again is the later one alone: for this asker it is there since then.
    const next = told.find(
      (one) => one.number > number && one.patient === patient && one.type === type && one.id === id,
    );
    if (next !== undefined && next.content === content) continue;
    const last = steps.at(-1);
    const resource =
      content === null ? deletionOf(`${type}/${id}`) : (JSON.parse(jsonOf(contents.get(content)!)) as object);
    if (last?.updated === updated && last.patient === patient) last.resources.push(resource);
    else steps.push({ updated, patient, resources: [resource] });
  }
  return steps;
}

type Plain = Omit<Page, "entries" | "next"> & { entries: unknown[]; isLast: boolean };

async function pagesOf(store: Store, asked: Asked, visible: Visible): Promise<Plain[]> {
  return allPages((page) => store.search(asked, visible, page));
}

async function allPages(ask: (page: string | undefined) => Promise<Page>): Promise<Plain[]> {
  const pages: Plain[] = [];
  let page: string | undefined;
  do {
    const { entries, next, ...rest } = await ask(page);
    const plain = entries.map(({ mode, type, id, json }) => ({ mode, type, id, resource: canonical(json) }));
    pages.push({ ...rest, entries: plain, isLast: next === undefined });
    page = next;
  } while (page !== undefined);
  return pages;
}

/** Whatever is asked by name: reads, histories, versions, everything of a patient. */
async function compareNames({ store, database }: Opened, other: Store, visible: Visible): Promise<void> {
  const names = await database.selectFrom("versions").select(["type", "id"]).distinct().execute();
  for (const { type, id } of names) {
    const [one, two] = [await store.read(type, id, visible), await other.read(type, id, "everything")];
    expect(plainOf(one), `${type}/${id}`).to.deep.equal(plainOf(two));
    const [past, otherPast] = [await store.history(type, id, visible), await other.history(type, id, "everything")];
    expect(pastOf(past), `history of ${type}/${id}`).to.deep.equal(pastOf(otherPast));
    for (const version of (await store.history(type, id, "everything")) ?? []) {
      const known = (past ?? []).find(({ versionId }) => versionId === version.versionId);
      expect(await store.vread(type, id, version.versionId, visible)).to.deep.equal(known);
    }
  }
  for (const patient of PATIENTS) {
    const ask = (from: Store, scope: Visible) => async (page: string | undefined) =>
      (await from.everything(`p${patient}`, { _count: 3 }, scope, page)) ?? { entries: [] };
    expect(await allPages(ask(store, visible))).to.deep.equal(await allPages(ask(other, "everything")));
    const [one, two] = [
      await summaryOf(store, `p${patient}`, visible, NOON),
      await summaryOf(other, `p${patient}`, "everything", NOON),
    ];
    expect(summaryText(one), `$summary of p${patient}`).to.equal(summaryText(two));
  }
}

const NOON = new Date("2026-01-01T12:00:00Z");

/** A summary without what two stores, or two calls, say differently: identifiers by the order in which they come. */
function summaryText(summary: Summary | undefined): string | undefined {
  if (summary === undefined) return undefined;
  const names = new Map<string, string>();
  const plain = JSON.stringify(JSON.parse(summary.json), (key, value: unknown) =>
    key === "versionId" || key === "lastUpdated" ? undefined : value,
  );
  return plain.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uuid) => {
    if (!names.has(uuid)) names.set(uuid, `uuid-${names.size}`);
    return names.get(uuid)!;
  });
}

type Version = { json: string | undefined } | undefined;

const plainOf = (version: Version): unknown =>
  version && (version.json === undefined ? "deleted" : canonical(version.json));

/** What says the same as the one before it counts once. */
const pastOf = (versions: Version[] | undefined): unknown[] | undefined =>
  versions?.map(plainOf).filter((one, at, all) => JSON.stringify(one) !== JSON.stringify(all[at - 1]));
