import { FetchRequest, JsonRpcProvider, Network } from "ethers";

import { ChartChainError } from "../../errors/index.js";

/**
 * Connects to a JSON-RPC node, set up for low latency: no batching delay and no cache that could answer with old state.
 *
 * @param url `http://` or `https://`
 * @param options.timeout how long a request may take, in milliseconds
 * @throws CHAIN_UNREACHABLE when nothing that speaks JSON-RPC answers at `url`
 *
 * @example
 * const provider = await connect("http://127.0.0.1:8545");
 */
export async function connect(url: string, { timeout = 10_000 } = {}): Promise<JsonRpcProvider> {
  const chainId = await probe(url, timeout);
  const request = new FetchRequest(url);
  request.timeout = timeout;
  return new JsonRpcProvider(request, Network.from(chainId), {
    staticNetwork: true,
    cacheTimeout: -1,
    batchMaxCount: 1,
    batchStallTime: 0,
    pollingInterval: 250,
  });
}

// ethers itself retries a dead node for ever; a person wants to know at once.
async function probe(url: string, timeout: number): Promise<bigint> {
  let shown = url;
  try {
    // A URL may carry an API key in its path or query.
    shown = new URL(url).host;
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
      signal: AbortSignal.timeout(timeout),
    });
    const body = (await response.json()) as { result?: unknown };
    return BigInt(body.result as string);
  } catch (cause) {
    throw new ChartChainError("CHAIN_UNREACHABLE", `no chain answers at ${shown}`, {
      hint: "Start one with `npx hardhat node`, or give the URL of a running one.",
      cause,
    });
  }
}
