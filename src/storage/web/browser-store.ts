import { ChartChainError } from "../../errors/index.js";
import { onDisk } from "../failures.js";
import { type LocalLimits, LocalStore } from "../local-store.js";
import type { RecordStore } from "../record-store.js";
import { BlockDatabase, createStores, PinDatabase } from "./block-database.js";
import { BrowserLock, webLocks } from "./browser-lock.js";
import { indexedDb, openDatabase } from "./indexed-db.js";

/** Which store of an origin, and how patient it is. */
export interface BrowserStoreOptions extends LocalLimits {
  /** Whose pins these are: any label of 1 to 64 bytes, such as a participant id. */
  participant: string;
  /** The database's name (default `chartchain-blocks`): any number of pages, workers and participants may share it. */
  name?: string;
}

/**
 * A record store in a browser, in a database (IndexedDB) of the page's origin: in a page, or in any worker. What it answers for
 * is on the disk as far as a browser says so.
 *
 * The browser may delete all of an origin's data where the page didn't get `navigator.storage.persist()`, and its user can. That
 * what is collected is overwritten on the disk, no browser promises.
 *
 * @throws STORE_NEEDS_BROWSER where there is no IndexedDB or no Web Locks; INVALID_PARTICIPANT, STORE_FULL, STORE_FAILED
 *
 * @example
 * const store = await createBrowserStore({ participant: "17" });
 * const { cid } = await store.put(sealed, { pin: true });
 */
export async function createBrowserStore(options: BrowserStoreOptions): Promise<RecordStore> {
  const { participant, name = "chartchain-blocks" } = options;
  const [factory, locks] = [indexedDb(), webLocks()];
  if (factory === undefined || locks === undefined) {
    throw new ChartChainError("STORE_NEEDS_BROWSER", "this is no place where a browser keeps blocks", {
      hint: "Open it in a page that came over https or from localhost, or in a worker of one.",
    });
  }
  const database = await onDisk("open the browser's database", () => openDatabase(factory, name, createStores));
  try {
    const parts = {
      blocks: new BlockDatabase(database),
      pins: new PinDatabase(database, participant),
      lock: new BrowserLock(locks, `chartchain-store/${name}`),
    };
    return new LocalStore(parts, options);
  } catch (error) {
    database.close();
    throw error;
  }
}
