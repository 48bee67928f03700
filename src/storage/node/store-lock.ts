import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeTooOld, OLDEST_NODE } from "../../errors/index.js";
import { onDisk, storeBusy, storeFailed } from "../failures.js";
import type { LocalLock } from "../local-parts.js";

/**
 * A lock over a folder for any number of writers or one collector, across processes. It is SQLite's file lock on two
 * empty databases: the kernel drops it when a process dies, so there is nothing stale to clean up.
 *
 * Everyone passes `gate` before waiting for `store`; a collector keeps the gate shut while it waits, so that a stream
 * of writers cannot starve it. The locks need a file system with working `fcntl` locks: any local one.
 *
 * @see https://www.sqlite.org/lockingv3.html
 */
export class StoreLock implements LocalLock {
  readonly #gate: string;
  readonly #store: string;

  /** @param folder - exists. */
  constructor(folder: string) {
    this.#gate = join(folder, "gate.lock");
    this.#store = join(folder, "store.lock");
  }

  async shared<T>(waitMs: number, run: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + waitMs;
    const gate = await acquire(this.#gate, "shared", deadline, waitMs);
    const store = await acquire(this.#store, "shared", deadline, waitMs).finally(gate);
    return run().finally(store);
  }

  async exclusive<T>(waitMs: number, run: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + waitMs;
    const gate = await acquire(this.#gate, "exclusive", deadline, waitMs);
    const both = async () => {
      const store = await acquire(this.#store, "exclusive", deadline, waitMs);
      return run().finally(store);
    };
    return both().finally(gate);
  }
}

const STATEMENTS = {
  shared: ["BEGIN", "SELECT count(*) FROM sqlite_schema"],
  exclusive: ["BEGIN EXCLUSIVE"],
};

const SQLITE_BUSY = 5;

async function acquire(path: string, mode: "shared" | "exclusive", deadline: number, waitMs: number) {
  // Loaded here: under a Node without it, the other stores of this room still work.
  const { DatabaseSync } = await import("node:sqlite").catch((cause: unknown) => {
    throw nodeTooOld("a store in a folder", OLDEST_NODE, cause);
  });
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    const database = await onDisk("open its lock", async () => new DatabaseSync(path, { timeout: 0 }));
    try {
      for (const statement of STATEMENTS[mode]) database.exec(statement);
      return () => {
        database.close();
      };
    } catch (cause) {
      database.close();
      if (!isBusy(cause)) throw storeFailed("lock its folder", cause);
      if (Date.now() >= deadline) throw storeBusy(mode === "shared" ? "a writer" : "a collection", waitMs, cause);
    }
    await sleep(pauseMs);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
