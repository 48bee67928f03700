import { storeBusy } from "../failures.js";
import type { LocalLock } from "../local-parts.js";

/** What is used of https://w3c.github.io/web-locks; the project's types know no browser. */
interface Locks {
  request: <T>(
    name: string,
    options: { mode: "shared" | "exclusive"; signal: AbortSignal },
    run: () => Promise<T>,
  ) => Promise<T>;
}

/** @returns `undefined` where there are none, as in a page that didn't come over https */
export const webLocks = (): Locks | undefined => (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks;

/**
 * A lock among all pages and workers of an origin. Whoever asks waits in line, so that no stream of writers starves a collector;
 * the browser takes it from who ends.
 */
export class BrowserLock implements LocalLock {
  readonly #locks: Locks;
  readonly #name: string;

  constructor(locks: Locks, name: string) {
    this.#locks = locks;
    this.#name = name;
  }

  shared<T>(waitMs: number, run: () => Promise<T>): Promise<T> {
    return this.#holding("shared", waitMs, "a writer", run);
  }

  exclusive<T>(waitMs: number, run: () => Promise<T>): Promise<T> {
    return this.#holding("exclusive", waitMs, "a collection", run);
  }

  async #holding<T>(mode: "shared" | "exclusive", waitMs: number, who: string, run: () => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(waitMs);
    let isHeld = false;
    try {
      return await this.#locks.request(this.#name, { mode, signal: late }, () => {
        isHeld = true;
        return run();
      });
    } catch (error) {
      if (isHeld || !late.aborted) throw error;
      throw storeBusy(who, waitMs, error);
    }
  }
}
