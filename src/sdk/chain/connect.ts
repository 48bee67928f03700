import {
  FetchRequest,
  isHexString,
  JsonRpcProvider,
  Log,
  makeError,
  Network,
  type JsonRpcApiProviderOptions,
  type JsonRpcError,
  type JsonRpcPayload,
  type JsonRpcResult,
  type LogParams,
  encodeBase64,
  toUtf8Bytes,
  type FetchGetUrlFunc,
} from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { sendBounded } from "./bounded-answer.js";
import { translate } from "./errors.js";
import { gather } from "./node-answers.js";
import { patiently } from "./patience.js";

/**
 * Connects to a JSON-RPC node, set up for low latency: no batching delay and no cache that could answer with old state.
 *
 * A name and a password in the URL are sent as HTTP's basic authentication (RFC 7617), to that server alone; no error
 * shows them.
 *
 * @param url `http://` or `https://`
 * @param options.timeout how long a request may take, in milliseconds
 * @throws CHAIN_UNREACHABLE when nothing that speaks JSON-RPC answers at `url`, or it wants other credentials; RATE_LIMITED
 *
 * @example
 * const provider = await connect("http://127.0.0.1:8545");
 */
export async function connect(url: string, { timeout = 30_000 } = {}): Promise<JsonRpcProvider> {
  const { request, authorized } = requestTo(url, timeout);
  const chainId = await probe(request);
  return new PromptProvider(request, authorized, Network.from(chainId), {
    staticNetwork: true,
    cacheTimeout: -1,
    batchMaxCount: 1,
    batchStallTime: 0,
    pollingInterval: 250,
  });
}

/**
 * An answer about the events of several blocks is read so far, in bytes: what is longer is asked for in parts. Some nodes have no
 * limit of their own, and an index would hold whatever a range that was quiet so far turns out to have.
 */
const LONGEST_OF_RANGE = 2 ** 20;

/** More contracts than a deployment has. A node may name any number of them. */
const MOST_ADDRESSES = 256;

/**
 * Sends each request at once. ethers puts it on a list that a timer empties, also where nothing is batched: a millisecond for
 * every question, and a decision asks a dozen, one after the other.
 */
class PromptProvider extends JsonRpcProvider {
  #sent = 0;
  /** The contracts whose logs came: their addresses as the node writes them, and in mixed case. */
  readonly #addresses = new Map<string, string>();
  readonly #authorized: Authorized;

  constructor(request: FetchRequest, authorized: Authorized, network: Network, options: JsonRpcApiProviderOptions) {
    super(request, network, options);
    this.#authorized = authorized;
  }

  override async send(method: string, params: unknown[] | Record<string, unknown>): Promise<unknown> {
    if (this.destroyed) throw cancelled(method);
    this._start();
    const payload: JsonRpcPayload = { id: ++this.#sent, method, params, jsonrpc: "2.0" };
    const answers = await this._send(payload);
    if (this.destroyed) throw cancelled(method);
    const answer = answers.find(({ id }) => id === payload.id);
    if (answer === undefined) {
      throw makeError("missing response for request", "BAD_DATA", { value: answers, info: { payload } });
    }
    if ("error" in answer) throw this.getRpcError(payload, answer as unknown as JsonRpcError);
    return answer.result;
  }

  /** As ethers does it, which writes and reads UTF-8 by the letter. */
  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const request = this._getConnection();
    const most = mostOf(payload);
    if (most !== undefined) request.getUrlFunc = this.#authorized((sent, signal) => sendBounded(sent, most, signal));
    request.body = new TextEncoder().encode(JSON.stringify(payload));
    request.setHeader("content-type", "application/json");
    const response = await request.send();
    response.assertOk();
    const answer = (parsed(response.body) ?? response.bodyJson) as JsonRpcResult | JsonRpcResult[];
    return Array.isArray(answer) ? answer : [answer];
  }

  /**
   * As ethers does it, which hashes the contract's address with every log, for its mixed case (EIP-55): that is half of what
   * many logs take. Here it happens once for each contract.
   */
  override _wrapLog(value: LogParams, network: Network): Log {
    const address = this.#addresses.get((value as LogParams | null)?.address ?? "");
    if (address !== undefined && isWellFormed(value)) {
      return new Log(
        {
          ...{ ...value, address },
          blockNumber: Number(value.blockNumber),
          transactionIndex: Number(value.transactionIndex),
          index: Number(value.logIndex),
          removed: value.removed ?? false,
        },
        this,
      );
    }
    // Says what is wrong with a log, where something is.
    const log = super._wrapLog(value, network);
    if (this.#addresses.size >= MOST_ADDRESSES) this.#addresses.clear();
    this.#addresses.set(value.address, log.address);
    return log;
  }
}

/**
 * How much may come of what a range of blocks is asked for, in bytes: of one block all, since it can't be asked for in parts. Undefined
 * for other questions, whose answers are small: those ethers sends sooner.
 */
function mostOf(payload: JsonRpcPayload | JsonRpcPayload[]): number | undefined {
  if (Array.isArray(payload) || payload.method !== "eth_getLogs") return undefined;
  const [filter] = payload.params as [{ blockHash?: string; fromBlock?: string; toBlock?: string }];
  if (filter.blockHash !== undefined) return undefined;
  return filter.fromBlock === filter.toBlock ? Infinity : LONGEST_OF_RANGE;
}

/** A log in a node's answer: {@link https://eips.ethereum.org/EIPS/eip-1474 eth_getLogs}. */
type AnsweredLog = Omit<LogParams, "removed"> & { logIndex: string; removed?: boolean | null };

/** Whether a log is written as it has to be, whatever its address. */
function isWellFormed(value: LogParams | AnsweredLog): value is AnsweredLog {
  const { blockNumber, transactionIndex, logIndex, removed, topics, data, blockHash, transactionHash } =
    value as AnsweredLog;
  return (
    [blockNumber, transactionIndex, logIndex].every(isQuantity) &&
    [undefined, null, true, false].includes(removed) &&
    Array.isArray(topics) &&
    [blockHash, transactionHash, ...(topics as unknown[])].every((hash) => isHexString(hash, 32)) &&
    isHexString(data, true)
  );
}

/** Of at most 52 bits, which a `number` holds exactly. */
const isQuantity = (value: unknown): boolean => typeof value === "string" && /^0x[0-9a-f]{1,13}$/i.test(value);

/** Undefined for what is no JSON in UTF-8, about which ethers throws. */
function parsed(body: Uint8Array | null): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body ?? new Uint8Array()));
  } catch {
    return undefined;
  }
}

const cancelled = (operation: string) =>
  makeError("provider destroyed; cancelled request", "UNSUPPORTED_OPERATION", { operation });

/** A way to send requests, with the node's credentials where it wants any. */
type Authorized = (send: FetchGetUrlFunc) => FetchGetUrlFunc;

function requestTo(url: string, timeout: number): { request: FetchRequest; authorized: Authorized } {
  if (!URL.canParse(url)) throw unreachable("what is no URL", undefined);
  const target = new URL(url);
  const authorized = authorizedBy(target);
  [target.username, target.password] = ["", ""];
  const request = new FetchRequest(target.href);
  request.timeout = timeout;
  // ethers takes the seconds of Retry-After for milliseconds, and asks twelve times: see patience.ts.
  request.retryFunc = async () => false;
  request.getUrlFunc = authorized(FetchRequest.createGetUrlFunc());
  return { request, authorized };
}

function authorizedBy({ username, password }: URL): Authorized {
  if (username === "" && password === "") return (send) => send;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const header = `Basic ${encodeBase64(toUtf8Bytes(credentials))}`;
  // Put in at the last moment: where the server sends the request on to another one, it goes there without.
  return (send) => async (sent, signal) => {
    const authorized = sent.clone();
    authorized.setHeader("authorization", header);
    return send(authorized, signal);
  };
}

// ethers itself retries a dead node for ever; a person wants to know at once.
async function probe(request: FetchRequest): Promise<bigint> {
  // A URL may carry an API key in its path or query.
  const shown = new URL(request.url).host;
  try {
    return await patiently(async () => {
      const asking = request.clone();
      asking.body = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };
      const response = await asking.send();
      response.assertOk();
      const { result, error } = response.bodyJson as { result?: unknown; error?: unknown };
      if (error !== undefined) throw Object.assign(new Error("the node refuses"), { error });
      return BigInt(result as string);
    });
  } catch (cause) {
    const problem = translate(cause);
    if (problem.code === "RATE_LIMITED") throw problem;
    throw unreachable(shown, cause);
  }
}

function unreachable(shown: string, cause: unknown): ChartChainError {
  const { numbers } = gather(cause);
  const isRefused = numbers.has(401) || numbers.has(403);
  return new ChartChainError(
    "CHAIN_UNREACHABLE",
    isRefused ? `the node at ${shown} doesn't take these credentials` : `no chain answers at ${shown}`,
    {
      hint: isRefused
        ? "Give the name and the password in the URL, https://NAME:PASSWORD@HOST, or the key as the node's service says."
        : "Start it, or give the URL of one that runs.",
      cause,
    },
  );
}
