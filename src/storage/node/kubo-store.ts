import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CID } from "multiformats/cid";
import { isChartChainError } from "../../errors/index.js";
import { BlockFolder } from "./block-folder.js";
import { type BlockSource, verified } from "../block-source.js";
import { stageCar } from "../car-reader.js";
import { carOf } from "../car-writer.js";
import { parseCid, rawCid } from "../cid.js";
import { checkComplete, walkDag } from "../dag-walk.js";
import { blockMissing, onDisk, storeClosed, storeFailed, tooLarge } from "../failures.js";
import type { KuboClient } from "./kubo-client.js";
import { KuboPush } from "./kubo-push.js";
import { type CallContext, KuboRpc } from "./kubo-rpc.js";
import {
  DEFAULT_MAX_BYTES,
  type GetOptions,
  MAX_BLOCK_BYTES,
  MAX_READ_BLOCK_BYTES,
  type PutOptions,
  type RecordStore,
} from "../record-store.js";
import { importContent } from "../unixfs-import.js";
import { readFile } from "../verified-reader.js";
import { sha256 } from "../../crypto/index.js";

/** Which node a Kubo store uses and how patient it is. */
export interface KuboStoreOptions {
  /** A client of `kubo-rpc-client` or `ipfs-http-client`; the caller keeps it, closing the store leaves it alone. */
  client: KuboClient;
  /** How long the node may show no life before a call fails, in milliseconds (default 2,000). */
  patienceMs?: number;
  /** How long a live node may look for one block among its peers, in milliseconds (default 2,000). */
  fetchMs?: number;
  /** Largest file put or read, in bytes (default 16 GiB); `get` may be told otherwise per call. */
  maxBytes?: number;
}

/**
 * A record store on a Kubo node.
 *
 * Content is cut into blocks here and pushed as CARs, so the node's import settings cannot change a CID. Reads fetch
 * blocks and hash each one here. Pins and collection are the node's: it belongs to one participant, and its collection
 * knows no grace period, so pin in the same step (`put(…, { pin: true })`) where it runs unattended.
 *
 * Nothing is sent before the first call. A block is read as a stream that is left as soon as it is too long for one; of
 * what a node answers otherwise, its own client takes as much as comes.
 *
 * @example
 * const store = createKuboStore({ client: create({ url: "http://127.0.0.1:5001" }) });
 * const { cid } = await store.put(sealed, { pin: true });
 */
export function createKuboStore(options: KuboStoreOptions): RecordStore {
  return new KuboStore(new KuboRpc(options.client, options.patienceMs ?? 2_000), {
    fetchMs: options.fetchMs ?? 2_000,
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
  });
}

class KuboStore implements RecordStore {
  readonly #rpc: KuboRpc;
  readonly #source: BlockSource;
  readonly #limits: { fetchMs: number; maxBytes: number };
  #closed = false;

  constructor(rpc: KuboRpc, limits: { fetchMs: number; maxBytes: number }) {
    this.#rpc = rpc;
    this.#source = verified({ fetch: (cid, signal) => this.#fetch(cid, signal), has: (cid) => this.#has(cid) });
    this.#limits = limits;
  }

  async put(source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<{ cid: string; size: number }> {
    this.#checkOpen();
    const push = new KuboPush(this.#rpc, options.signal);
    const { cid, size } = await importContent(source, push, {
      maxBytes: this.#limits.maxBytes,
      signal: options.signal,
    });
    await push.end();
    await this.#requireArrived(cid, options);
    return { cid: cid.toString(), size };
  }

  async putBlock(bytes: Uint8Array, options: PutOptions = {}): Promise<string> {
    this.#checkOpen();
    if (bytes.length > MAX_BLOCK_BYTES) throw tooLarge("the block", bytes.length, MAX_BLOCK_BYTES);
    const cid = rawCid(sha256(bytes));
    const push = new KuboPush(this.#rpc, options.signal);
    await push.put(cid, bytes);
    await push.end();
    await this.#requireArrived(cid, options);
    return cid.toString();
  }

  async getBlock(cid: string, options: { signal?: AbortSignal } = {}): Promise<Uint8Array> {
    this.#checkOpen();
    return this.#source.fetch(parseCid(cid), options.signal);
  }

  async *get(cid: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    yield* readFile(this.#source, parseCid(cid), { maxBytes: this.#limits.maxBytes, ...options });
  }

  async has(cid: string): Promise<boolean> {
    this.#checkOpen();
    return this.#has(parseCid(cid));
  }

  async pin(cid: string): Promise<void> {
    this.#checkOpen();
    await this.#pin(parseCid(cid).toString());
  }

  async unpin(cid: string): Promise<void> {
    this.#checkOpen();
    const path = parseCid(cid).toString();
    try {
      await this.#rpc.call({ what: "unpin" }, (calls, signal) => calls.pin.rm(path, { signal }));
    } catch (error) {
      const reason = isChartChainError(error, "STORE_FAILED") && error.cause instanceof Error && error.cause.message;
      if (reason === false || !/not pinned|pinned indirectly/i.test(reason)) throw error;
    }
  }

  async *pins(): AsyncGenerator<string> {
    this.#checkOpen();
    const what = { what: "list pins" };
    const stop = new AbortController();
    let listed: AsyncIterator<{ cid: unknown }> | undefined;
    try {
      for (;;) {
        const next = await this.#rpc.call(what, (calls) => {
          listed ??= calls.pin.ls({ type: "recursive", signal: stop.signal })[Symbol.asyncIterator]();
          return listed.next();
        });
        if (next.done === true) return;
        // A node may also hold pins of other kinds, such as the empty directory of a new one.
        if (isOurs(String(next.value.cid))) yield String(next.value.cid);
      }
    } finally {
      stop.abort();
    }
  }

  async gc(): Promise<{ removed: number; bytes: number }> {
    this.#checkOpen();
    return this.#rpc.call({ what: "collect" }, async (calls, signal) => {
      const before = await calls.repo.stat({ signal });
      let removed = 0;
      for await (const { err } of calls.repo.gc({ signal })) {
        if (err !== undefined && err !== null) throw storeFailed("collect", err);
        removed += 1;
      }
      const after = await calls.repo.stat({ signal });
      return { removed, bytes: Math.max(0, Number(before.repoSize - after.repoSize)) };
    });
  }

  async *exportCar(cid: string): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    const root = parseCid(cid);
    yield* carOf([root], walkDag(this.#source, root, { leaves: "fetch" }));
  }

  async importCar(source: AsyncIterable<Uint8Array>): Promise<string[]> {
    this.#checkOpen();
    const directory = await onDisk("stage a CAR", () => mkdtemp(join(tmpdir(), "chartchain-car-")));
    try {
      const folder = new BlockFolder(directory);
      await folder.create();
      const staged = folder.batch();
      const order: CID[] = [];
      const sink = {
        put: async (cid: CID, bytes: Uint8Array) => {
          order.push(cid);
          await staged.put(cid, bytes);
        },
      };
      const roots = await stageCar(source, sink, this.#limits.maxBytes);
      const seen = new Set<string>();
      for (const root of roots) await checkComplete(either(staged, this.#source), root, seen);
      const push = new KuboPush(this.#rpc);
      for (const cid of order) await push.put(cid, await verified(staged).fetch(cid));
      await push.end();
      for (const root of roots) await this.#requireArrived(root);
      return roots.map(String);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /**
   * Makes sure that the node holds what it was sent, pinned where that is asked for. An import that fails midway, such as
   * on a full disk, is answered with HTTP 200 and an error in the body, which neither client reads.
   *
   * @throws STORE_FAILED
   */
  async #requireArrived(cid: CID, { pin = false, signal }: PutOptions = {}): Promise<void> {
    try {
      if (pin) await this.#pin(cid.toString());
      else await checkComplete(this.#source, cid);
    } catch (error) {
      signal?.throwIfAborted();
      const isThere = !(["BLOCK_MISSING", "BLOCK_CORRUPT"] as const).some((code) => isChartChainError(error, code));
      throw isThere ? error : storeFailed("import blocks", error);
    }
  }

  async #pin(cid: string): Promise<void> {
    await this.#rpc.call({ what: "pin", cid }, (calls, signal) => calls.pin.add(cid, { offline: true, signal }));
  }

  async #fetch(cid: CID, signal?: AbortSignal): Promise<Uint8Array> {
    const path = cid.toString();
    const late = AbortSignal.timeout(this.#limits.fetchMs);
    const until = signal === undefined ? late : AbortSignal.any([signal, late]);
    try {
      const context = { what: "fetch a block", cid: path, signal: until };
      // Not block.get: either client takes the whole answer before anybody can look at it. As raw bytes the node streams
      // any block, whatever is in it: it keeps blocks by their digest.
      const asRaw = rawCid(cid.multihash.digest).toString();
      return await this.#rpc.call(context, (calls, each) => oneBlock(path, calls.cat(asRaw, { signal: each })));
    } catch (error) {
      signal?.throwIfAborted();
      if (error !== late.reason) throw error;
      // No peer offered the block in time; or the node went down just now, which this tells.
      await this.#rpc.call({ what: "fetch a block", signal }, (calls, each) => calls.version({ signal: each }));
      throw blockMissing(path, error);
    }
  }

  async #has(cid: CID): Promise<boolean> {
    const context: CallContext = { what: "look for a block", cid: cid.toString() };
    try {
      await this.#rpc.call(context, (calls, signal) => calls.block.stat(cid.toString(), { offline: true, signal }));
      return true;
    } catch (error) {
      if (isChartChainError(error, "BLOCK_MISSING")) return false;
      throw error;
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}

/** The bytes of a stream that claims to be a block. @throws BLOCK_TOO_LARGE without reading on */
async function oneBlock(cid: string, stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_READ_BLOCK_BYTES) throw tooLarge(`block ${cid}`, size, MAX_READ_BLOCK_BYTES);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function isOurs(cid: string): boolean {
  try {
    parseCid(cid);
    return true;
  } catch {
    return false;
  }
}

function either(first: BlockSource, second: BlockSource): BlockSource {
  return {
    has: async (cid) => (await first.has(cid)) || (await second.has(cid)),
    fetch: async (cid, signal) => ((await first.has(cid)) ? first.fetch(cid, signal) : second.fetch(cid, signal)),
  };
}
