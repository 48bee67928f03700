import { BrowserProvider, getAddress, hexlify, id, keccak256, toBeHex, toQuantity, toUtf8Bytes } from "ethers";

import { CONTRACT_NAMES, type Deployment, type EventFilter } from "../../src/sdk/index.js";
import { dice } from "../support/faulty-node.js";

/** A log as a node gives it. */
interface RpcLog {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  blockHash: string;
  transactionHash: string;
  transactionIndex: string;
  logIndex: string;
  removed: boolean;
}

interface Block {
  number: number;
  hash: string;
  parentHash: string;
  logs: RpcLog[];
}

const addressOf = (name: string) => getAddress(id(name).slice(0, 42));
const KINDS = ["Happened(uint256)", "Linked(uint256,uint256)", "Counted(uint256,uint256,uint256)"].map(id);
/** So few that filters and scopes meet them. */
const NUMBERS = 6;

/** What a node that isn't well does to one question. */
export type Illness = "lost" | "busy" | "limited" | "doubled" | { lag: number };

/**
 * A chain that a test makes up block by block, with a node in front: thousands of reorganisations in the time in which a real
 * one mines a few. What real nodes do stands in index.test.ts.
 */
export class ModelChain {
  readonly deployment: Deployment;
  readonly provider: BrowserProvider;
  /** How many questions came. */
  asked = 0;
  /** What happens to the next question; nothing by default. */
  illnessOf: () => Illness | undefined = () => undefined;
  /** The most blocks that one question may name. */
  mostBlocks = Infinity;
  /** Each state that the chain was in: a node that lags behind is still in an older one. */
  readonly #states: Block[][];
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = dice(seed);
    const genesis = { number: 0, hash: id(`genesis ${seed}`), parentHash: toBeHex(0, 32), logs: [] };
    this.#states = [[genesis]];
    const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, addressOf(name)]));
    this.deployment = {
      version: 1,
      chainId: 77,
      genesisHash: genesis.hash,
      block: 1,
      contracts: contracts as Deployment["contracts"],
    };
    this.provider = new BrowserProvider({ request: (question) => this.#answer(question) }, 77, { cacheTimeout: -1 });
    this.provider.pollingInterval = 1_000_000;
  }

  get head(): number {
    return this.#blocks().length - 1;
  }

  /** Adds blocks, with as many logs as the dice say. */
  mine(blocks: number, mostLogs = 3): void {
    const chain = [...this.#blocks()];
    for (let i = 0; i < blocks; i++)
      chain.push(this.#block(chain.at(-1)!, Math.floor(this.#random() * (mostLogs + 1))));
    this.#states.push(chain);
  }

  /** Replaces the newest blocks by others, of which there may be more or fewer. */
  reorganise(depth: number, blocks: number): void {
    const chain = this.#blocks().slice(0, Math.max(1, this.#blocks().length - depth));
    this.#states.push(chain);
    this.mine(blocks);
    this.#states.splice(-2, 1);
  }

  /** What a filter names, worked out from the blocks alone: block and position in it. */
  expected({ address, topics, fromBlock, toBlock }: EventFilter): string[] {
    return this.#blocks()
      .slice(0, (toBlock ?? this.head) + 1)
      .filter(({ number }) => number >= fromBlock)
      .flatMap(({ logs }) => logs)
      .filter((log) => address.includes(log.address) && matches(log, topics))
      .map((log) => nameOf({ ...log, index: Number(log.logIndex), blockNumber: Number(log.blockNumber) }));
  }

  /** A filter that somebody might ask. */
  filter(): EventFilter {
    const pick = <T>(of: readonly T[]): T => of[Math.floor(this.#random() * of.length)]!;
    const some = () => Array.from({ length: 1 + Math.floor(this.#random() * 2) }, () => this.#topic());
    const place = Math.floor(this.#random() * 4);
    const parameters = [1, 2, 3].slice(0, place).map((each) => (each === place ? some() : null));
    const kind = this.#random() < 0.7 ? [pick(KINDS), pick(KINDS)] : null;
    return {
      address: Object.values(this.deployment.contracts).slice(0, 1 + Math.floor(this.#random() * 3)),
      topics: [kind, ...parameters],
      fromBlock: this.#random() < 0.8 ? 1 : Math.floor(this.#random() * this.head),
      ...pick([
        {},
        { toBlock: this.head },
        { toBlock: this.head },
        { toBlock: Math.floor(this.#random() * this.head) },
      ]),
    };
  }

  #topic = (): string => toBeHex(Math.floor(this.#random() * NUMBERS), 32);

  /** The chain, or an older state of it, which differs among the newest 64 blocks alone: what lags further isn't promised. */
  #blocks(lag = 0): Block[] {
    const now = this.#states.at(-1)!;
    const before = this.#states.at(Math.max(-this.#states.length, -1 - lag))!;
    const settled = Math.max(0, now.length - 1 - 64);
    return before[settled] === now[settled] ? before : now;
  }

  #block(parent: Block, logs: number): Block {
    const number = parent.number + 1;
    const hash = keccak256(toUtf8Bytes(`${parent.hash} ${this.#random()}`));
    return {
      number,
      hash,
      parentHash: parent.hash,
      logs: Array.from({ length: logs }, (_, i) => {
        const kind = Math.floor(this.#random() * KINDS.length);
        return {
          address: Object.values(this.deployment.contracts)[Math.floor(this.#random() * 3)]!,
          topics: [KINDS[kind]!, ...Array.from({ length: kind + 1 }, this.#topic)],
          data: hexlify(toUtf8Bytes(`${number}.${i}`)),
          blockNumber: toQuantity(number),
          blockHash: hash,
          transactionHash: keccak256(toUtf8Bytes(`${hash} ${i}`)),
          transactionIndex: toQuantity(i),
          logIndex: toQuantity(i),
          removed: false,
        };
      }),
    };
  }

  async #answer({ method, params = [] }: { method: string; params?: unknown[] | Record<string, unknown> }) {
    await Promise.resolve();
    this.asked++;
    const illness = this.illnessOf();
    if (illness === "lost") throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    if (illness === "busy") throw refusal(-32005, "request rate exceeded, retry in 1ms");
    const blocks = this.#blocks(typeof illness === "object" ? illness.lag : 0);
    const [first] = params as unknown[];
    switch (method) {
      case "eth_chainId":
        return toQuantity(77);
      case "eth_getCode":
        return "0x60";
      case "eth_blockNumber":
        return toQuantity(blocks.length - 1);
      case "eth_getBlockByNumber":
        return rpcBlock(blocks[first === "latest" ? blocks.length - 1 : Number(first)]);
      case "eth_getBlockByHash":
        return rpcBlock(blocks.find(({ hash }) => hash === first));
      case "eth_getLogs":
        return this.#logs(blocks, first as RpcFilter, illness);
      default:
        throw refusal(-32601, `the method ${method} does not exist`);
    }
  }

  #logs(blocks: Block[], filter: RpcFilter, illness: Illness | undefined): RpcLog[] {
    const address = [filter.address].flat().map((each) => getAddress(each));
    let named: Block[];
    if (filter.blockHash === undefined) {
      const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)];
      if (illness === "limited" && to > from) throw refusal(-32005, "query returned more than 10000 results");
      if (to - from + 1 > this.mostBlocks) throw refusal(-32005, `block range is limited to ${this.mostBlocks} blocks`);
      named = blocks.slice(from, to + 1);
    } else {
      const block = blocks.find(({ hash }) => hash === filter.blockHash);
      if (block === undefined) throw refusal(-32000, "unknown block");
      named = [block];
    }
    const found = named
      .flatMap(({ logs }) => logs)
      .filter((log) => address.includes(log.address) && matches(log, filter.topics ?? []));
    return illness === "doubled" ? [...found, ...found] : found;
  }
}

interface RpcFilter {
  address: string | string[];
  topics?: EventFilter["topics"];
  fromBlock?: string;
  toBlock?: string;
  blockHash?: string;
}

/** As {@link ModelChain.expected} names a log. */
export const nameOf = (log: {
  blockNumber: number;
  index: number;
  blockHash: string;
  data: string;
  topics: readonly string[];
}) => [log.blockNumber, log.index, log.blockHash, log.data, ...log.topics].join(" ");

const refusal = (code: number, message: string) => Object.assign(new Error(message), { code });

const matches = ({ topics }: { topics: readonly string[] }, wanted: EventFilter["topics"]): boolean =>
  wanted.every((topic, i) => topic === null || (topics[i] !== undefined && [topic].flat().includes(topics[i])));

function rpcBlock(block: Block | undefined): Record<string, unknown> | null {
  if (block === undefined) return null;
  return {
    number: toQuantity(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: toQuantity(block.number * 12),
    nonce: "0x0000000000000000",
    difficulty: "0x0",
    gasLimit: "0x1",
    gasUsed: "0x0",
    miner: addressOf("miner"),
    extraData: "0x",
    baseFeePerGas: "0x1",
    stateRoot: block.hash,
    receiptsRoot: block.hash,
    transactions: [],
  };
}
