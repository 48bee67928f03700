import { toQuantity, type Interface } from "ethers";

import type { Devnet } from "../../devnet/index.js";
import type { Client, ContractName } from "../../src/sdk/index.js";
import { startProxy, type Proxy, type Request, type Response } from "./proxy.js";

type Args = readonly unknown[];
interface Log {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  transactionHash: string;
  transactionIndex: string;
  blockHash: string;
  logIndex: string;
  removed: boolean;
}

/** A node that says what it likes: before an honest one, whose answers it passes on where it doesn't lie. */
export interface LyingNode {
  url: string;
  proxy: Proxy;
  /** Answers a contract's view with these values; where they are undefined, honestly. */
  answers(contract: ContractName, method: string, values: (args: Args) => unknown[] | undefined): void;
  /** Answers any call to an address that is no contract of the network's with this. */
  code(account: string, code: string, answer: string): void;
  /** Makes an event up. */
  event(contract: ContractName, name: string, values: Args, at?: { block?: number; transaction?: string }): void;
  /** Says another text in the place of one in events, as long as it is. */
  renames(from: string, to: string): void;
  /** Knows nothing of the newest blocks. */
  lags(blocks: number): void;
  /** Tells the truth again. */
  honest(): void;
  close(): Promise<void>;
}

/** Starts one; `client` has the contracts' interfaces. */
export async function startLyingNode(world: Devnet, client: Client): Promise<LyingNode> {
  const proxy = await startProxy(world.url);
  const { contracts: addresses } = world.deployment;
  const interfaceOf = (name: ContractName): Interface =>
    (client.contracts as unknown as Record<string, { interface: Interface }>)[name]!.interface;
  const views = new Map<string, (data: string) => string | undefined>();
  const codes = new Map<string, { code: string; answer: string }>();
  const events: Log[] = [];
  const renamed: [string, string][] = [];
  let behind = 0;

  const called = (request: Request): string | undefined => {
    const { to, data } = request.params[0] as { to?: string; data: string };
    // A constructor that is run is of no contract.
    if (to === undefined) return undefined;
    const known = codes.get(to.toLowerCase());
    return known?.answer ?? views.get(`${to.toLowerCase()}/${data.slice(0, 10)}`)?.(data);
  };
  const matches = (
    log: Log,
    filter: {
      address?: string | string[];
      topics?: (string | string[] | null)[];
      fromBlock: string;
      toBlock: string;
    },
  ) =>
    [filter.address].flat().some((address) => address?.toLowerCase() === log.address.toLowerCase()) &&
    (filter.topics ?? []).every((topic, i) => topic === null || [topic].flat().includes(log.topics[i]!)) &&
    BigInt(log.blockNumber) >= BigInt(filter.fromBlock) &&
    BigInt(log.blockNumber) <= BigInt(filter.toBlock);

  const before = (request: Request): Response | undefined => {
    const { method, params } = request;
    if (method === "eth_getCode") {
      const known = codes.get((params[0] as string).toLowerCase());
      if (known !== undefined) return { result: known.code };
    }
    if (method === "eth_call") {
      const result = called(request);
      if (result !== undefined) return { result };
    }
    return undefined;
  };
  const after = (request: Request, response: Response): Response => {
    const { method, params } = request;
    if (behind > 0 && method === "eth_blockNumber") {
      return { result: toQuantity(BigInt(response.result as string) - BigInt(behind)) };
    }
    if (method !== "eth_getLogs" || !Array.isArray(response.result)) return response;
    const made = events.filter((log) => matches(log, params[0] as Parameters<typeof matches>[1]));
    const text = renamed.reduce(
      (logs, [from, to]) => logs.replaceAll(Buffer.from(from).toString("hex"), Buffer.from(to).toString("hex")),
      JSON.stringify([...(response.result as Log[]), ...made]),
    );
    return { result: JSON.parse(text) as unknown };
  };
  // What lags asks the honest node about an older block than the newest.
  const lagging = async (request: Request): Promise<void> => {
    if (behind === 0) return;
    const newest = await world.provider.getBlockNumber();
    const isNewest = (param: unknown) => param === "latest" || param === "finalized";
    request.params = request.params.map((param) => (isNewest(param) ? toQuantity(newest - behind) : param));
  };
  proxy.rewrite = lagging;
  proxy.before = before;
  proxy.after = after;

  return {
    url: proxy.url,
    proxy,
    answers(contract, method, values) {
      const { encode, selector, parse } = viewOf(interfaceOf(contract), method);
      views.set(`${addresses[contract].toLowerCase()}/${selector}`, (data) => {
        const said = values(parse(data));
        return said === undefined ? undefined : encode(said);
      });
    },
    code: (account, code, answer) => void codes.set(account.toLowerCase(), { code, answer }),
    event(contract, name, values, { block = world.deployment.block, transaction = `0x${"ab".repeat(32)}` } = {}) {
      const { data, topics } = interfaceOf(contract).encodeEventLog(name, values);
      events.push({
        ...{ address: addresses[contract], data, topics, blockNumber: toQuantity(block) },
        ...{ transactionHash: transaction, transactionIndex: "0x0", blockHash: `0x${"cd".repeat(32)}` },
        ...{ logIndex: toQuantity(events.length), removed: false },
      });
    },
    renames: (from, to) => void renamed.push([from, to]),
    lags: (blocks) => void (behind = blocks),
    honest() {
      views.clear();
      codes.clear();
      events.length = 0;
      renamed.length = 0;
      behind = 0;
      proxy.before = before;
      proxy.after = after;
    },
    close: () => proxy.close(),
  };
}

function viewOf(face: Interface, method: string) {
  const fragment = face.getFunction(method)!;
  return {
    selector: fragment.selector,
    parse: (data: string): Args => [...face.decodeFunctionData(fragment, data)] as unknown[],
    encode: (values: unknown[]): string => face.encodeFunctionResult(fragment, values),
  };
}
