import type { CID } from "multiformats/cid";

import { concatBytes } from "../crypto/index.js";
import { ChartChainError, isChartChainError } from "../errors/index.js";
import { type BlockSource, verified } from "./block-source.js";
import { carOf } from "./car-writer.js";
import { parseCid } from "./cid.js";
import { walkDag } from "./dag-walk.js";
import {
  blockMissing,
  gatewayRedirects,
  gatewayUnreachable,
  storeClosed,
  storeFailed,
  storeReadOnly,
  tooLarge,
} from "./failures.js";
import { DEFAULT_MAX_BYTES, type GetOptions, MAX_READ_BLOCK_BYTES, type RecordStore } from "./record-store.js";
import { readFile } from "./verified-reader.js";

/** Which gateway is read, and how patient a reader is. */
export interface GatewayStoreOptions {
  /** Where it is: what stands before `/ipfs/`, such as `https://gateway.example`. */
  url: string;
  /** How long it may take for one block, from the request to the last byte, in milliseconds (default 10,000). */
  patienceMs?: number;
  /** Largest file read, in bytes (default 16 GiB); `get` may be told otherwise per call. */
  maxBytes?: number;
  /** The bearer token that the gateway asks for, such as that of a sign-in at a gatekeeper; asked for at each block. */
  token?: () => string | Promise<string>;
}

/** What a gateway answers where it hasn't the block, or found nobody in time who has. */
const MISSING = new Set([404, 410, 504]);
/** What says that it is there and can't answer now. */
const LATER = new Set([429, 502, 503]);

/**
 * A record store that reads from an IPFS gateway, over fetch. It asks for single blocks and hashes each one, so that a gateway
 * can withhold what is asked for and nothing else. What it learns is who reads which block.
 *
 * What it would have to keep it refuses: `put`, `putBlock`, `pin` and `importCar` throw STORE_READ_ONLY. There are no pins, and
 * `unpin` and `gc` find nothing to do.
 *
 * In a page the gateway has to allow the page's origin (CORS), and the page's Content Security Policy the gateway
 * (`connect-src`).
 *
 * @throws GATEWAY_URL_INVALID. Of what it reads: BLOCK_MISSING, BLOCK_CORRUPT, BLOCK_TOO_LARGE; STORE_UNREACHABLE when no
 *   whole block comes in time; STORE_FAILED for a refusal, and for a redirection, which isn't followed
 *
 * @example
 * const store = createGatewayStore({ url: "https://gateway.example" });
 * for await (const chunk of store.get(cid)) decrypt(chunk);
 *
 * @see https://specs.ipfs.tech/http-gateways/trustless-gateway/
 */
export function createGatewayStore(options: GatewayStoreOptions): RecordStore {
  return new GatewayStore(baseOf(options.url), {
    patienceMs: options.patienceMs ?? 10_000,
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    token: options.token,
  });
}

interface Limits {
  patienceMs: number;
  maxBytes: number;
  token: GatewayStoreOptions["token"];
}

class GatewayStore implements RecordStore {
  readonly #base: URL;
  readonly #limits: Limits;
  readonly #source: BlockSource;
  #closed = false;

  constructor(base: URL, limits: Limits) {
    this.#base = base;
    this.#limits = limits;
    this.#source = verified({ fetch: (cid, signal) => this.#fetch(cid, signal), has: (cid) => this.#has(cid) });
  }

  put(): Promise<never> {
    return this.#refuse("put content");
  }

  putBlock(): Promise<never> {
    return this.#refuse("put a block");
  }

  async pin(cid: string): Promise<never> {
    parseCid(cid);
    return this.#refuse("pin");
  }

  importCar(): Promise<never> {
    return this.#refuse("import a CAR");
  }

  async getBlock(cid: string, options: { signal?: AbortSignal } = {}): Promise<Uint8Array> {
    this.#checkOpen();
    return this.#source.fetch(parseCid(cid), options.signal);
  }

  async *get(cid: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    yield* readFile(this.#source, parseCid(cid), { maxBytes: this.#limits.maxBytes, ...options });
  }

  async *exportCar(cid: string): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    const root = parseCid(cid);
    yield* carOf([root], walkDag(this.#source, root, { leaves: "fetch" }));
  }

  async has(cid: string): Promise<boolean> {
    this.#checkOpen();
    return this.#has(parseCid(cid));
  }

  async unpin(cid: string): Promise<void> {
    this.#checkOpen();
    parseCid(cid);
  }

  async *pins(): AsyncGenerator<string> {
    this.#checkOpen();
  }

  async gc(): Promise<{ removed: number; bytes: number }> {
    this.#checkOpen();
    return { removed: 0, bytes: 0 };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #fetch(cid: CID, signal?: AbortSignal): Promise<Uint8Array> {
    const path = cid.toString();
    const { patienceMs, token } = this.#limits;
    const bearer = await token?.();
    const late = AbortSignal.timeout(patienceMs);
    try {
      const response = await fetch(new URL(`ipfs/${path}?format=raw`, this.#base), {
        headers: {
          accept: "application/vnd.ipld.raw",
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        // Whoever is asked learns who reads what: that is said by the caller, not by the gateway.
        redirect: "manual",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      });
      if (response.status === 200) return await blockIn(response, path);
      await response.body?.cancel();
      throw refusal(response, path);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ChartChainError) throw error;
      throw gatewayUnreachable(late.aborted ? `no whole block came within ${patienceMs} ms` : "", error);
    }
  }

  /** A gateway's word that it has a block is worth nothing: the block is fetched and hashed. */
  async #has(cid: CID): Promise<boolean> {
    try {
      await this.#source.fetch(cid);
      return true;
    } catch (error) {
      if (isChartChainError(error, "BLOCK_MISSING")) return false;
      throw error;
    }
  }

  async #refuse(what: string): Promise<never> {
    this.#checkOpen();
    throw storeReadOnly(what);
  }

  #checkOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}

/** @throws BLOCK_TOO_LARGE without reading on */
async function blockIn(response: Response, cid: string): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Not every browser iterates over a stream.
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > MAX_READ_BLOCK_BYTES) {
      await reader.cancel();
      throw tooLarge(`block ${cid}`, size, MAX_READ_BLOCK_BYTES);
    }
    chunks.push(next.value);
  }
  return concatBytes(...chunks);
}

function refusal({ status, type }: Response, cid: string): ChartChainError {
  // A browser doesn't tell a page where to.
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) return gatewayRedirects();
  const answer = new Error(`HTTP status ${status}`);
  if (MISSING.has(status)) return blockMissing(cid, answer);
  return LATER.has(status) ? gatewayUnreachable(`HTTP status ${status}`, answer) : storeFailed("fetch a block", answer);
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username === "";
  if (!isPlain) {
    throw new ChartChainError("GATEWAY_URL_INVALID", "not the address of an IPFS gateway", {
      hint: "Give what stands before /ipfs/, such as https://gateway.example, without a query or a password.",
    });
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
