import type { Patient } from "@medplum/fhirtypes";
import { type FhirEntry, parseLiteral, type ParsedFhir, referencesOf, TRAVELLING } from "chartchain/fhir";

import type { Database } from "../store/database.js";
import type { Store } from "../store/index.js";
import { keepCompanion } from "./arrivals.js";
import { entryOf, isOnlyOf, localOf, whoseIs } from "./owners.js";
import { type Source, stampOf } from "./source.js";
import { dropChart, entriesOfChart, forget, isAmong, parts } from "./tables.js";

/** A name on the hospital's FHIR server. */
interface Name {
  type: string;
  id: string;
}

/** What came of putting what arrived into charts. */
export interface Placed {
  changed: number;
  deleted: number;
  /** About somebody, and it isn't clear about whom: the hospital's FHIR server has it, and nobody else. */
  unclear: number;
}

/** Puts what arrived from the hospital's FHIR server into the charts of those whose it is. */
export class Charts {
  readonly #database: Database;
  readonly #store: Store;
  readonly #source: Source;

  constructor(database: Database, store: Store, source: Source) {
    this.#database = database;
    this.#store = store;
    this.#source = source;
  }

  /**
   * Puts everything that arrived where it belongs: deletions first, then each Patient's, then what says something about these.
   *
   * @param chartOf the chart of a Patient by its id; undefined for one that the server doesn't have
   */
  async place(chartOf: (owner: string) => Promise<number | undefined>, signal?: AbortSignal): Promise<Placed> {
    const placed: Placed = { changed: 0, deleted: 0, unclear: 0 };
    const arrivals = () => this.#database.selectFrom("upstream_arrivals");
    const gone = await arrivals().select(["type", "id"]).where("json", "is", null).execute();
    placed.deleted += await this.#remove(gone, { isDeleted: true });
    await this.#settle(gone);

    const owners = await arrivals().select("owner").where("owner", "is not", null).distinct().execute();
    for (const { owner } of owners) {
      signal?.throwIfAborted();
      await this.#placeOf(owner!, await chartOf(owner!), placed);
    }

    // What says something about others' resources is theirs whose these are.
    const rest = await arrivals().selectAll().execute();
    for (const { type, id, json } of rest) {
      const whose = whoseIs(this.#source.base, { type, id, json: json! });
      if (whose.is === "companion") {
        placed.changed += await this.#renew({ type, id });
        continue;
      }
      const owner = whose.is === "about" ? await this.#ownerOf(whose.targets) : undefined;
      if (owner === undefined) await this.#leave({ type, id }, placed);
      else
        await this.#database
          .updateTable("upstream_arrivals")
          .set({ owner })
          .where(isAmong([{ type, id }]))
          .execute();
    }
    const about = await arrivals().select("owner").where("owner", "is not", null).distinct().execute();
    for (const { owner } of about) await this.#placeOf(owner!, await chartOf(owner!), placed);
    return placed;
  }

  /** Takes resources out of every chart, but of one. @returns how many were in any */
  async #remove(
    names: readonly Name[],
    { but, isDeleted = false }: { but?: number; isDeleted?: boolean } = {},
  ): Promise<number> {
    let count = 0;
    for (const chunk of parts(names)) {
      const rows = await this.#database.selectFrom("upstream_resources").selectAll().where(isAmong(chunk)).execute();
      const charts = Map.groupBy(
        rows.filter(({ chart }) => chart !== but),
        ({ chart }) => chart,
      );
      for (const [chart, list] of charts) {
        await this.#removeFrom(chart, list, isDeleted);
        count += list.length;
      }
    }
    return count;
  }

  /** Puts all of a Patient's that is in one chart into another one as well. */
  async copy(owner: string, from: number, to: number): Promise<void> {
    const names = await this.#namesOf(owner, from);
    const entries = (await entriesOfChart(this.#database, this.#source.base, from)).filter((entry) =>
      names.has(nameOf(entry)),
    );
    const rows = await this.#database.selectFrom("upstream_resources").selectAll().where("chart", "=", from).execute();
    const stamps = new Map(rows.map(({ type, id, stamp }) => [`${type}/${id}`, stamp]));
    await this.#put(to, owner, entries, stamps);
  }

  /** Takes all of a Patient's out of a chart. */
  async clear(owner: string, chart: number): Promise<void> {
    if (chart < 0) return dropChart(this.#database, chart);
    const rows = await this.#database
      .selectFrom("upstream_resources")
      .selectAll()
      .where("chart", "=", chart)
      .where("owner", "=", owner)
      .execute();
    if (rows.length > 0) await this.#removeFrom(chart, rows);
  }

  async #placeOf(owner: string, chart: number | undefined, placed: Placed): Promise<void> {
    const { base } = this.#source;
    const rows = await this.#database
      .selectFrom("upstream_arrivals")
      .selectAll()
      .where("owner", "=", owner)
      .where("json", "is not", null)
      .execute();
    const person = await this.#database
      .selectFrom("upstream_people")
      .select("json")
      .where("id", "=", owner)
      .executeTakeFirst();
    const json = person?.json ?? undefined;
    const patient =
      json === undefined ? undefined : (entryOf(base, { type: "Patient", id: owner, json }) as PatientEntry);
    const own: FhirEntry[] = [];
    for (const { type, id, json } of rows) {
      const entry = entryOf(base, { type, id, json: json! });
      const isOwn = chart !== undefined && patient !== undefined && (type === "Patient" || isOnlyOf(patient, entry));
      if (isOwn) own.push(entry);
      else await this.#leave({ type, id }, placed);
    }
    if (chart === undefined || own.length === 0) return;
    // What was somebody else's until now leaves that chart first; what is in doubt leaves what others see.
    await this.#remove(own.map(partsOf), { but: chart });
    const stamps = new Map(rows.map(({ type, id, json }) => [`${type}/${id}`, stampOf({ json: json! })]));
    await this.#put(chart, owner, own, stamps);
    placed.changed += own.length;
    await this.#settle(own.map(partsOf));
  }

  /** What belongs to nobody certain is in no chart. */
  async #leave(name: Name, placed: Placed): Promise<void> {
    await this.#remove([name]);
    await this.#settle([name]);
    placed.unclear++;
  }

  /** Puts a companion's new version into each chart that has it. */
  async #renew(name: Name): Promise<number> {
    const rows = await this.#database
      .selectFrom("upstream_resources")
      .selectAll()
      .where(isAmong([name]))
      .execute();
    const [companion] = await this.#companions([name]);
    if (companion === undefined) return 0;
    for (const { chart, owner } of rows) await this.#put(chart, owner, [companion], new Map(), false);
    await this.#settle([name]);
    return rows.length;
  }

  async #ownerOf(targets: readonly string[]): Promise<string | undefined> {
    const names = targets.flatMap((target) => parseLiteral(target) ?? []);
    if (names.length === 0) return undefined;
    const rows = await this.#database
      .selectFrom("upstream_resources")
      .select("owner")
      .where(isAmong(names))
      .where("owner", "is not", null)
      .distinct()
      .execute();
    return rows.length === 1 ? rows[0]!.owner! : undefined;
  }

  async #put(
    chart: number,
    owner: string | null,
    entries: readonly FhirEntry[],
    stamps: ReadonlyMap<string, string>,
    isOwn = true,
  ): Promise<void> {
    if (entries.length === 0) return;
    const companions = await this.#reached(entries);
    await this.#store.put(chart, parsedOf(this.#source.base, [...entries, ...companions]));
    const rows = [
      ...entries.map((entry) => ({ entry, owner: isOwn ? owner : null })),
      ...companions.map((entry) => ({ entry, owner: null })),
    ].map(({ entry, owner }) => ({
      ...{ chart, ...partsOf(entry), owner },
      stamp: stamps.get(nameOf(entry)) ?? stampOf({ json: entry.json }),
    }));
    for (const chunk of parts(rows))
      await this.#database
        .insertInto("upstream_resources")
        .values(chunk)
        .onConflict((conflict) =>
          conflict
            .columns(["chart", "type", "id"])
            .doUpdateSet((row) => ({ stamp: row.ref("excluded.stamp"), owner: row.ref("excluded.owner") })),
        )
        .execute();
  }

  /** What resources refer to and is nobody's by itself, also through one another; what isn't here is asked for. */
  async #reached(entries: readonly FhirEntry[]): Promise<FhirEntry[]> {
    const { base } = this.#source;
    const own = new Set(entries.map(nameOf));
    const found = new Map<string, FhirEntry>();
    let from = entries;
    while (from.length > 0) {
      const names = new Set(
        from.flatMap(({ resource }) => referencesOf(resource).flatMap((one) => localOf(base, one) ?? [])),
      );
      const wanted = [...names]
        .filter((name) => !own.has(name) && !found.has(name))
        .flatMap((name) => parseLiteral(name) ?? []);
      from = await this.#companions(wanted);
      for (const entry of from) found.set(nameOf(entry), entry);
    }
    return [...found.values()];
  }

  async #companions(names: readonly Name[]): Promise<FhirEntry[]> {
    const { base } = this.#source;
    const found: FhirEntry[] = [];
    for (const chunk of parts(names)) {
      const rows = await this.#database.selectFrom("upstream_companions").selectAll().where(isAmong(chunk)).execute();
      found.push(...rows.map((row) => entryOf(base, row)));
      const here = new Set(rows.map(({ type, id }) => `${type}/${id}`));
      const missing = chunk.filter(({ type, id }) => TRAVELLING.has(type) && !here.has(`${type}/${id}`));
      for (const sent of await this.#source.now(missing)) {
        if (whoseIs(base, sent).is !== "companion") continue;
        await keepCompanion(this.#database, { ...sent, stamp: stampOf(sent) });
        found.push(entryOf(base, sent));
      }
    }
    return found;
  }

  /**
   * Takes resources out of a chart, and the companions to which nothing leads there any more. What its source deleted is told as
   * deleted; what isn't this patient's, or perhaps not, was never there, in no version.
   */
  async #removeFrom(chart: number, names: readonly Name[], isDeleted = false): Promise<void> {
    const gone = new Set(names.map(({ type, id }) => `${type}/${id}`));
    const left = (await entriesOfChart(this.#database, this.#source.base, chart)).filter(
      (entry) => !gone.has(nameOf(entry)),
    );
    const rows = await this.#database.selectFrom("upstream_resources").selectAll().where("chart", "=", chart).execute();
    const companions = new Set(rows.flatMap(({ type, id, owner }) => (owner === null ? [`${type}/${id}`] : [])));
    const reached = reachedIn(this.#source.base, left, companions);
    const idle = rows.filter(({ type, id }) => companions.has(`${type}/${id}`) && !reached.has(`${type}/${id}`));
    const all = [...names, ...idle];
    if (!isDeleted) await forget(this.#database, chart, all);
    await this.#store.put(chart, isDeleted ? deletionOf(this.#source.base, all) : parsedOf(this.#source.base, []));
    for (const chunk of parts(all))
      await this.#database.deleteFrom("upstream_resources").where("chart", "=", chart).where(isAmong(chunk)).execute();
  }

  async #namesOf(owner: string, chart: number): Promise<Set<string>> {
    const rows = await this.#database
      .selectFrom("upstream_resources")
      .select(["type", "id"])
      .where("chart", "=", chart)
      .where("owner", "=", owner)
      .execute();
    return new Set(rows.map(({ type, id }) => `${type}/${id}`));
  }

  async #settle(names: readonly Name[]): Promise<void> {
    for (const chunk of parts(names))
      await this.#database.deleteFrom("upstream_arrivals").where(isAmong(chunk)).execute();
  }
}

type PatientEntry = FhirEntry & { resource: Patient };

const nameOf = ({ resource }: FhirEntry): string => `${resource.resourceType}/${resource.id!}`;

const partsOf = ({ resource }: FhirEntry): Name => ({ type: resource.resourceType, id: resource.id! });

/** The companions to which what stays leads, also through one another. */
function reachedIn(base: string, entries: readonly FhirEntry[], companions: ReadonlySet<string>): Set<string> {
  const byName = new Map(entries.map((entry) => [nameOf(entry), entry]));
  const queue = entries.filter((entry) => !companions.has(nameOf(entry)));
  const reached = new Set<string>();
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    for (const reference of referencesOf(entry.resource)) {
      const name = localOf(base, reference);
      if (name === undefined || !companions.has(name) || reached.has(name)) continue;
      reached.add(name);
      const next = byName.get(name);
      if (next !== undefined) queue.push(next);
    }
  }
  return reached;
}

const parsedOf = (base: string, entries: readonly FhirEntry[]): ParsedFhir => ({
  ...{ file: base, entries },
  patient: { reference: "Patient", names: [] },
});

/** What a source says of what it deleted, as the library reads it in imports. */
function deletionOf(base: string, names: readonly Name[]): ParsedFhir {
  const resource = {
    resourceType: "Provenance" as const,
    target: names.map(({ type, id }) => ({ reference: `${type}/${id}` })),
    recorded: new Date().toISOString(),
    activity: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-DataOperation", code: "DELETE" }] },
    agent: [{ who: { display: base } }],
  };
  return parsedOf(base, [{ resource, json: JSON.stringify(resource), place: "Provenance", file: base }]);
}
