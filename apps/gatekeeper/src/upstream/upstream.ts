import { setTimeout } from "node:timers/promises";

import { ChartChainError, isChartChainError } from "chartchain/errors";
import type { Client } from "chartchain";

import type { Config } from "../config.js";
import type { Log } from "../operate/log.js";
import type { Database } from "../store/database.js";
import type { Found, Store } from "../store/index.js";
import { arrive, endReading, missWhatDidNotCome, readUpstream } from "./arrivals.js";
import { Charts, type Placed } from "./charts.js";
import { People, type UpstreamPerson } from "./people.js";
import { openSource, type Source, stampOf } from "./source.js";
import { isAmong, parts, remember, remembered } from "./tables.js";

/** What a reading of the hospital's FHIR server came to. */
export interface SyncResult extends Placed {
  /** Patients there of whom it isn't certain whose data they are: only the hospital's own staff sees what comes. */
  doubtful: number;
}

/** What the parts of an {@link Upstream} are. */
export interface UpstreamParts {
  database: Database;
  store: Store;
  client: Pick<Client, "findCharts" | "admitFhir">;
  /** Told when what anybody may see may have changed. */
  onChange: () => void;
  clock: () => number;
  /** Longest pause before a busy server is asked again, in milliseconds; five minutes unless given. */
  longestPause?: number;
}

/** Others are shown nothing once that server wasn't read to its end for so many of its turns. */
const MOST_BEHIND = 10;

/**
 * The hospital's FHIR server behind the store. What is answered is the store's copy, which was split into records and decided about;
 * before others get any of it, the server is asked for exactly that by id, and what isn't the same any more is taken in first.
 */
export class Upstream {
  readonly people: People;
  readonly #parts: UpstreamParts;
  readonly #source: Source;
  readonly #charts: Charts;
  readonly #every: number;
  /** Seconds since 1970. */
  #readAt: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: UpstreamParts, source: Source, every: number, readAt: number | undefined) {
    this.#parts = parts;
    this.#source = source;
    this.#every = every;
    this.#readAt = readAt;
    this.#charts = new Charts(parts.database, parts.store, source);
    this.people = new People(parts.database, parts.client, source.base);
  }

  /** @throws UPSTREAM_CHANGED, FHIR_SERVER_URL_INVALID */
  static async open(parts: UpstreamParts, config: NonNullable<Config["upstream"]>): Promise<Upstream> {
    const source = openSource(config, parts.longestPause);
    const former = await remembered<string>(parts.database, "base");
    if (former !== undefined && former !== source.base) {
      throw new ChartChainError("UPSTREAM_CHANGED", "the store was filled from another FHIR server than upstream.url", {
        details: { former, now: source.base },
        hint: "Name the former one, or give the gatekeeper an empty store: the same id is somebody else elsewhere.",
      });
    }
    await remember(parts.database, "base", source.base);
    return new Upstream(parts, source, config.every, await remembered<number>(parts.database, "read-at"));
  }

  /**
   * Reads what changed there since the last time, and puts it into charts. Killed at any moment, the next call goes on.
   *
   * @param again reads everything once more: what isn't there any more is deleted here, too
   * @throws FHIR_SERVER_…, UPSTREAM_ADDRESS_REFUSED; the reason of `signal`
   */
  sync({
    again = false,
    signal = new AbortController().signal,
  }: { again?: boolean; signal?: AbortSignal } = {}): Promise<SyncResult> {
    return this.#inTurn(async () => {
      const { database, clock } = this.#parts;
      const began = clock();
      const read = await readUpstream(database, this.#source, { again, signal });
      if (read.whole) await missWhatDidNotCome(database);
      const result = await this.#place(signal);
      await endReading(database, read);
      await remember(database, "read-at", began);
      this.#readAt = began;
      return result;
    });
  }

  /** Reads that server again and again, until it is told to stop. */
  async follow(log: Log, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { changed, deleted, unclear, doubtful } = await this.sync({ signal });
        if (changed + deleted > 0) log("synchronised", { changed, deleted, unclear, doubtful });
      } catch (error) {
        if (signal.aborted) return;
        log("sync-failed", isChartChainError(error) ? { code: error.code } : { name: (error as Error).name });
      }
      await setTimeout(this.#every * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Why others can't be shown anything now; undefined where they can. */
  get behind(): string | undefined {
    if (this.#readAt === undefined) return "it wasn't read to its end yet";
    const seconds = this.#parts.clock() - this.#readAt;
    return seconds > this.#every * MOST_BEHIND ? `it was read to its end ${seconds} seconds ago` : undefined;
  }

  /**
   * Whether resources that are about to be shown to others are still what that server has. What isn't is taken in: the request is then
   * answered anew.
   *
   * @throws UPSTREAM_BEHIND, FHIR_SERVER_…, UPSTREAM_ADDRESS_REFUSED: nothing may be shown
   */
  async isStillSo(found: readonly Found[]): Promise<boolean> {
    const { behind } = this;
    if (behind !== undefined) {
      throw new ChartChainError("UPSTREAM_BEHIND", `the hospital's FHIR server can't be answered for: ${behind}`, {
        hint: "Look into the log for why sync fails.",
      });
    }
    const { database } = this.#parts;
    const names = [...new Map(found.map(({ type, id }) => [`${type}/${id}`, { type, id }])).values()];
    const rows: { chart: number; type: string; id: string; stamp: string }[] = [];
    for (const chunk of parts(names))
      rows.push(
        ...(await database
          .selectFrom("upstream_resources")
          .select(["chart", "type", "id", "stamp"])
          .where(isAmong(chunk))
          .execute()),
      );
    const shown = new Set(found.map(({ patient, type, id }) => `${patient} ${type}/${id}`));
    const ours = rows.filter(({ chart, type, id }) => shown.has(`${chart} ${type}/${id}`));
    if (ours.length === 0) return true;
    const now = await this.#source.now(ours);
    const byName = new Map(now.map((sent) => [`${sent.type}/${sent.id}`, sent]));
    const other = ours.filter(({ type, id, stamp }) => {
      const sent = byName.get(`${type}/${id}`);
      return sent === undefined || stampOf(sent) !== stamp;
    });
    if (other.length === 0) return true;
    await this.#inTurn(async () => {
      await arrive(
        database,
        this.#source.base,
        other.map(({ type, id }) => byName.get(`${type}/${id}`) ?? { type, id, json: undefined }),
      );
      await this.#place();
    });
    return false;
  }

  /**
   * Takes a person's word for whose a Patient of that server is.
   *
   * @throws UPSTREAM_PATIENT_UNKNOWN, REASON_MISSING
   */
  confirm(id: string, decision: { participant: number | undefined; reason: string }): Promise<UpstreamPerson> {
    return this.#inTurn(async () => {
      if (!(await this.people.decide(id, decision))) {
        throw new ChartChainError("UPSTREAM_PATIENT_UNKNOWN", "the hospital's FHIR server has no such Patient", {
          hint: "chartchain-gatekeeper patients lists those that it has.",
        });
      }
      await this.#place();
      return (await this.people.list()).find((person) => person.id === id)!;
    });
  }

  async #place(signal?: AbortSignal): Promise<SyncResult> {
    try {
      const doubtful = await this.people.settle(this.#charts);
      const placed = await this.#charts.place((id) => this.people.chartOf(id), signal);
      return { ...placed, doubtful };
    } finally {
      this.#parts.onChange();
    }
  }

  /** One after another: two would put the same into one chart. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
