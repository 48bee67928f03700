import type { Provider } from "ethers";

import { connectContracts, type Deployment } from "../../src/sdk/index.js";
import { allModules } from "../../src/sdk/modules/index.js";
import type { RecordStore } from "../../src/storage/index.js";

/** A file that came onto IPFS, as the network's own announcements show it. */
export interface SeenFile {
  /** When, in milliseconds of the observer's clock. */
  at: number;
  /** Which node announced it. */
  peer: string;
  cid: string;
  /** In bytes; anybody may fetch it and count. */
  size: number;
}

/** A transaction that came into a block. */
export interface SeenTransaction {
  at: number;
  hash: string;
  from: string;
  to: string | null;
  /** In wei. */
  value: bigint;
  events: SeenEvent[];
}

/** An event of one of our contracts. */
export interface SeenEvent {
  contract: string;
  name: string;
  args: Readonly<Record<string, unknown>>;
}

/** Everything that somebody has who reads the chain and watches IPFS, and nothing else. */
export interface Seen {
  files: SeenFile[];
  transactions: SeenTransaction[];
}

/** A store that is watched: it does what the given one does, and what it puts is seen as a network would see it announced. */
export function watched(store: RecordStore, peer: string, files: SeenFile[]): RecordStore {
  const see = (cid: string, size: number) => void files.push({ at: performance.now(), peer, cid, size });
  return new Proxy(store, {
    get(target, name) {
      if (name === "put") {
        return async (...given: Parameters<RecordStore["put"]>) => {
          const put = await target.put(...given);
          see(put.cid, put.size);
          return put;
        };
      }
      if (name === "putBlock") {
        return async (...given: Parameters<RecordStore["putBlock"]>) => {
          const cid = await target.putBlock(...given);
          see(cid, given[0].length);
          return cid;
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/**
 * Reads the whole chain.
 *
 * @param times when a transaction was seen, by its hash; one that nobody noted came right after the one before
 */
export async function readChain(
  provider: Provider,
  deployment: Deployment,
  times: ReadonlyMap<string, number>,
): Promise<SeenTransaction[]> {
  const contracts = Object.entries(connectContracts(deployment, provider, allModules));
  const interfaces = new Map(
    contracts.map(([name, contract]) => [deployment.contracts[name]!, { name, abi: contract.interface }]),
  );
  const seen: SeenTransaction[] = [];
  let last = 0;
  const head = await provider.getBlockNumber();
  for (let number = deployment.block; number <= head; number++) {
    const block = (await provider.getBlock(number, true))!;
    for (const { hash, from, to, value } of block.prefetchedTransactions) {
      const receipt = (await provider.getTransactionReceipt(hash))!;
      const events = receipt.logs.flatMap((log) => {
        const known = interfaces.get(log.address);
        const parsed = known?.abi.parseLog(log);
        if (known === undefined || parsed == null) return [];
        return [{ contract: known.name, name: parsed.name, args: parsed.args.toObject() as SeenEvent["args"] }];
      });
      last = times.get(hash) ?? last;
      seen.push({ at: last, hash, from, to, value, events });
    }
  }
  return seen;
}
