import type { Log, Provider } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { translate, underneath } from "./errors.js";
import { guardProvider } from "./guarded.js";
import { readAnswer } from "./node-answers.js";
import { patiently } from "./patience.js";

/** Which logs: {@link https://eips.ethereum.org/EIPS/eip-1474 eth_getLogs}' filter, with its blocks as numbers. */
export interface EventFilter {
  /** The contracts, at least one, in EIP-55 mixed case. */
  address: readonly string[];
  /** By place, at most four: one topic, one of several, or any (null). */
  topics: readonly (string | readonly string[] | null)[];
  /** The first block. */
  fromBlock: number;
  /** The last block, which the node has; its newest when left out. */
  toBlock?: number;
}

/** Where actions read events from: a node, or an index of what it has. */
export interface EventSource {
  /**
   * Every log that a filter names, oldest first.
   *
   * @throws CHAIN_CALL_FAILED when the node doesn't even give the events of one block; RATE_LIMITED, CHAIN_UNREACHABLE
   */
  logs: (filter: EventFilter) => Promise<Log[]>;
}

/** Reads them from a node, which scans its log for each question. */
export const nodeEvents = (provider: Provider): EventSource => ({
  async logs({ fromBlock, toBlock, ...filter }) {
    const found: Log[] = [];
    const last = toBlock ?? (await guardProvider(provider).getBlockNumber());
    for await (const { logs } of inRanges(provider, [filter], fromBlock, last)) found.push(...logs);
    return found;
  },
});

/** How many blocks a node is asked about at a time. */
export interface RangeOptions {
  /** At first (default: all). */
  blocks?: number;
  /** So many logs at a time are meant, so that memory stays flat (default: all). */
  goal?: number;
}

/**
 * Asks a node about ranges of blocks one after the other. One that gives events of fewer blocks at a time, or fewer events,
 * is asked about half as many blocks.
 *
 * @param filters what each range is asked for
 * @returns what each range has, with the range's last block
 * @throws CHAIN_CALL_FAILED when the node doesn't even give the events of one block; RATE_LIMITED, CHAIN_UNREACHABLE
 */
export async function* inRanges(
  provider: Provider,
  filters: readonly Pick<EventFilter, "address" | "topics">[],
  fromBlock: number,
  toBlock: number,
  { blocks: atFirst = Infinity, goal = Infinity }: RangeOptions = {},
): AsyncGenerator<{ through: number; logs: Log[] }> {
  let blocks = Math.min(atFirst, toBlock - fromBlock + 1);
  let most = Infinity;
  let refusedForSize = false;
  for (let first = fromBlock; first <= toBlock;) {
    const through = Math.min(first + blocks - 1, toBlock);
    let logs: Log[];
    try {
      logs = await logsOf(provider, filters, first, through);
      if (logs.length > goal) blocks = Math.max(1, Math.floor((blocks * goal) / logs.length));
      // Where the events were too many, fewer may follow; a number of blocks stays too many.
      else if (refusedForSize || logs.length < goal / 4) blocks = Math.min(blocks * 2, most);
    } catch (error) {
      const { refusal } = readAnswer(underneath(error), "events");
      if (refusal !== "range" && refusal !== "size") throw translate(error);
      if (first === through) throw notEvenOne(first, underneath(error));
      refusedForSize = refusal === "size";
      blocks = Math.ceil((through - first + 1) / 2);
      if (refusal === "range") most = blocks;
      continue;
    }
    first = through + 1;
    yield { through, logs };
  }
}

/** Asks each question with patience of its own: of several together, a node that limits the rate may always refuse one. */
async function logsOf(
  provider: Provider,
  filters: readonly Pick<EventFilter, "address" | "topics">[],
  fromBlock: number,
  toBlock: number,
): Promise<Log[]> {
  const asked = filters.map(({ address, topics }) => {
    const listed = topics.map((topic) => (topic === null || typeof topic === "string" ? topic : [...topic]));
    const filter = { address: [...address], topics: listed, fromBlock, toBlock };
    return patiently(() => provider.getLogs(filter), "events");
  });
  return (await Promise.all(asked)).flat();
}

const notEvenOne = (block: number, cause: unknown): ChartChainError =>
  new ChartChainError("CHAIN_CALL_FAILED", `the node doesn't even give the events of block ${block} alone`, {
    details: { block },
    hint: "The cause says what it answered. Use another node, or a plan that allows more.",
    cause,
  });
