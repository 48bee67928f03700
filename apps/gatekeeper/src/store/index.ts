import { sql } from "kysely";
import type { ParsedFhir } from "chartchain/fhir";
import { everything, type EverythingRequest } from "../search/everything.js";
import { PageTokens } from "../search/page-token.js";
import type { SearchRequest } from "../search/request.js";
import { type Page, search } from "../search/search.js";
import { type Database, openDatabase, type Place } from "./database.js";
import { put, type PutResult, type StoredRecord } from "./put.js";
import { type Found, history, read, vread } from "./read.js";
import type { Visible, VisiblePart } from "./visible.js";

export type { EverythingRequest } from "../search/everything.js";
export type { SearchRequest } from "../search/request.js";
export type { Page, PageEntry } from "../search/search.js";
export { isOutOfReach, openDatabase, type Database, type Place } from "./database.js";
export type { PutResult, StoredRecord } from "./put.js";
export type { Found } from "./read.js";
export { Refused, type RefusedBecause } from "./refused.js";
export type { Visible, VisiblePart } from "./visible.js";

/**
 * FHIR data of a hospital's patients, and what is asked of it. Every answer is that of a store which never held what the
 * asker may not see.
 */
export interface Store {
  /** Takes in one patient's import, see {@link put}. @param patient the participant id */
  put(patient: number, parsed: ParsedFhir): Promise<PutResult>;
  /** The participants who have records here. */
  patients(): Promise<number[]>;
  /** The kinds of records that there are. */
  kinds(): Promise<VisiblePart[]>;
  /** Another one after every change, whichever process made it. */
  edition(): Promise<string>;
  /** The records of a patient's current data, by their numbers: what decides on access names them in {@link Visible}. */
  records(patient: number): Promise<StoredRecord[]>;
  /** A resource as it is now. `json` is undefined if it was deleted; the answer is, if there is none of that name. */
  read(type: string, id: string, visible: Visible): Promise<Found | undefined>;
  /** One version of a resource. */
  vread(type: string, id: string, versionId: string, visible: Visible): Promise<Found | undefined>;
  /** All versions of a resource that may be seen, the latest first. Who may not see it as it is now sees none. */
  history(type: string, id: string, visible: Visible): Promise<Found[] | undefined>;
  /** One page of a search, see {@link search}. @param page `next` of the page before */
  search(request: SearchRequest, visible: Visible, page?: string): Promise<Page>;
  /** One page of all that may be seen of a patient, see {@link everything}. @param id of the Patient resource */
  everything(id: string, request: EverythingRequest, visible: Visible, page?: string): Promise<Page | undefined>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** What page tokens are sealed with: 32 random bytes or more, the same after a restart. */
  pageKey: Uint8Array;
}

/**
 * Opens a store in a folder (PGlite; one process at a time) or a database of PostgreSQL, and brings it to this version.
 *
 * @example
 * const store = await openStore({ folder: "/var/lib/chartchain-gatekeeper/fhir" }, { pageKey })
 * await store.put(7, await parseFhirFile("bundle.json"))
 */
export async function openStore(place: Place, options: StoreOptions): Promise<Store> {
  const tokens = new PageTokens(options.pageKey);
  return storeWith(await openDatabase(place), tokens);
}

/** A store on a database that is open. Closing it closes the database. */
export function storeOn(database: Database, { pageKey }: StoreOptions): Store {
  return storeWith(database, new PageTokens(pageKey));
}

function storeWith(database: Database, tokens: PageTokens): Store {
  const statistics = statisticsOf(database);
  return {
    put: async (patient, parsed) => {
      const result = await put(database, patient, parsed);
      await statistics(result.changed);
      return result;
    },
    patients: async () => {
      const rows = await database.selectFrom("records").select("patient").distinct().where("live", "=", true).execute();
      return rows.map(({ patient }) => patient);
    },
    kinds: () =>
      database
        .selectFrom("records")
        .select(["patient", "category", "confidential"])
        .distinct()
        .where("live", "=", true)
        .execute(),
    edition: async () => {
      const { rows } = await sql<{ newest: number | null }>`select max(number) as newest from versions`.execute(
        database,
      );
      return String(rows[0]?.newest);
    },
    records: (patient) =>
      database
        .selectFrom("records")
        .select(["number", "patient", "category", "confidential", "medicines", "classes", "encounter", "first", "last"])
        .where("patient", "=", patient)
        .where("live", "=", true)
        .orderBy("number")
        .execute(),
    read: (type, id, visible) => read(database, type, id, visible),
    vread: (type, id, versionId, visible) => vread(database, type, id, versionId, visible),
    history: (type, id, visible) => history(database, type, id, visible),
    search: (request, visible, page) => search(database, tokens, request, visible, page),
    everything: (id, request, visible, page) => everything(database, tokens, id, request, visible, page),
    close: () => database.destroy(),
  };
}

/** PGlite has nobody beside it who counts rows for the planner: a search without that takes three times as long. */
function statisticsOf(database: Database): (changed: number) => Promise<void> {
  let [written, next] = [0, 500];
  return async (changed) => {
    written += changed;
    if (written < next) return;
    next = written * 2;
    await sql`analyze`.execute(database);
  };
}
