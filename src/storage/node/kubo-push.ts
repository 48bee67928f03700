import type { CID } from "multiformats/cid";
import { carOf } from "../car-writer.js";
import type { KuboRpc } from "./kubo-rpc.js";
import type { BlockSink } from "../unixfs-import.js";

/** Bytes of blocks sent in one request. */
const SEGMENT_BYTES = 16 * 1_048_576;

/** How long a live node may take over one segment, in milliseconds. */
const SEGMENT_MS = 60_000;

/**
 * Pushes blocks to a node in CARs of bounded size, one on its way while the next is filled. One long CAR would not do:
 * `fetch` keeps a copy of a streamed body for a redirect that never comes, so memory would grow with the content.
 *
 * The CARs name no roots: the root of a file is known last, and a header comes first.
 */
export class KuboPush implements BlockSink {
  readonly #rpc: KuboRpc;
  readonly #signal: AbortSignal | undefined;
  #blocks: { cid: CID; bytes: Uint8Array }[] = [];
  #bytes = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(rpc: KuboRpc, signal?: AbortSignal) {
    this.#rpc = rpc;
    this.#signal = signal;
  }

  /** @throws as `KuboRpc.call` does, also for a segment sent earlier. */
  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    this.#blocks.push({ cid, bytes });
    this.#bytes += bytes.length;
    if (this.#bytes < SEGMENT_BYTES) return;
    const before = this.#sent;
    this.#flush();
    await before;
  }

  /** Sends what is left and waits until the node has taken everything. */
  async end(): Promise<void> {
    this.#flush();
    await this.#sent;
  }

  #flush(): void {
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#bytes = 0;
    this.#sent = this.#sent.then(() => this.#send(blocks));
    // Reported by the next call; a failed import makes none.
    this.#sent.catch(() => undefined);
  }

  async #send(blocks: { cid: CID; bytes: Uint8Array }[]): Promise<void> {
    if (blocks.length === 0) return;
    const context = { what: "import blocks", signal: this.#signal, limitMs: SEGMENT_MS };
    await this.#rpc.call(context, async (calls, signal) => {
      const roots = calls.dag.import(carOf([], each(blocks)), { pinRoots: false, signal })[Symbol.asyncIterator]();
      while ((await roots.next()).done !== true);
    });
  }
}

async function* each<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}
