import { setTimeout as sleep } from "node:timers/promises";
import { ChartChainError } from "../../errors/index.js";
import { blockMissing, storeFailed, storeUnreachable } from "../failures.js";
import type { KuboCalls, KuboClient } from "./kubo-client.js";

/** What a call is about, for its errors, and what else may end it. */
export interface CallContext {
  what: string;
  cid?: string;
  signal?: AbortSignal | undefined;
  /** How long a live node may take, in milliseconds (default: as long as it likes). */
  limitMs?: number;
}

/**
 * Calls to a node that end soon after the node does. A call may take as long as its work takes; while it does, the node
 * is asked for its version, and a node that does not answer that is given up.
 */
export class KuboRpc {
  readonly #calls: KuboCalls;
  readonly #patienceMs: number;

  /** @param patienceMs - how long the node may show no life. */
  constructor(client: KuboClient, patienceMs: number) {
    this.#calls = client as unknown as KuboCalls;
    this.#patienceMs = patienceMs;
  }

  /**
   * @throws STORE_UNREACHABLE when the node is down or shows no life; BLOCK_MISSING when it says so;
   *   STORE_FAILED for another refusal; the reason of `signal`.
   */
  async call<T>(
    { what, cid, signal, limitMs }: CallContext,
    run: (calls: KuboCalls, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const stop = new AbortController();
    const until = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    until.throwIfAborted();
    // Not every client rejects at once when its signal fires, so the signal is raced as well.
    const aborted = new Promise<never>((_, reject) => {
      until.addEventListener("abort", () => {
        reject(until.reason instanceof Error ? until.reason : new Error("aborted", { cause: until.reason }));
      });
    });
    aborted.catch(() => undefined);
    void this.#watch(what, stop);
    const limit =
      limitMs === undefined ? undefined : setTimeout(() => stop.abort(storeUnreachable(what, undefined)), limitMs);
    try {
      return await Promise.race([run(this.#calls, until), aborted]);
    } catch (error) {
      until.throwIfAborted();
      throw translate(error, what, cid);
    } finally {
      clearTimeout(limit);
      stop.abort();
    }
  }

  async #watch(what: string, stop: AbortController): Promise<void> {
    const { signal } = stop;
    try {
      for (;;) {
        await sleep(this.#patienceMs * 0.2, undefined, { signal });
        const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#patienceMs * 0.7)]);
        await this.#calls.version({ signal: limit });
      }
    } catch (cause) {
      // Else the call has ended, and its watch with it.
      if (!signal.aborted) stop.abort(storeUnreachable(what, cause));
    }
  }
}

/**
 * Both clients give the node's own answers the name HTTPError. An answer that they can't read makes them stumble over what
 * isn't there; everything else is a failed connection.
 */
function translate(error: unknown, what: string, cid: string | undefined): unknown {
  if (error instanceof ChartChainError) return error;
  if (isUnreadable(error)) return storeFailed(what, error);
  if (!(error instanceof Error) || error.name !== "HTTPError") return storeUnreachable(what, error);
  if (cid !== undefined && /could not find|not found locally/i.test(error.message)) return blockMissing(cid, error);
  return storeFailed(what, error);
}

/** A connection that fails has a cause, or a code of the system. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error &&
  ["Error", "TypeError", "SyntaxError"].includes(error.name) &&
  error.cause === undefined &&
  !("code" in error);
