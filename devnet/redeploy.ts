import type { Block, JsonRpcProvider, TransactionResponse } from "ethers";
import { toQuantity } from "ethers";

import type { Deployment } from "../src/sdk/index.js";
import type { DeployOptions } from "./deploy-options.js";
import { deployContracts } from "./deploy.js";

/** What a node of this process is told to deploy everything to. */
interface Deployed {
  deployment: Deployment;
  transactions: TransactionResponse[];
}

/** By what was asked for. */
const deployed = new Map<string, Promise<Deployed>>();

/**
 * {@link deployContracts} to a new chain with Hardhat's own accounts. The first time in a process Ignition does it; later
 * ones are sent the transactions that Ignition sent then, which takes a tenth of the time. Sent by the same account in the
 * same order, they make the same contracts at the same addresses.
 *
 * @param provider of a node on which nothing happened yet
 */
export async function deployAgain(provider: JsonRpcProvider, url: string, options: DeployOptions): Promise<Deployment> {
  const asked = JSON.stringify(options);
  const earlier = deployed.get(asked);
  if (earlier === undefined) {
    const first = record(provider, url, options);
    deployed.set(asked, first);
    first.catch(() => deployed.delete(asked));
    return (await first).deployment;
  }
  const { deployment, transactions } = await earlier;
  const genesis = await provider.getBlock(0);
  for (const { from, to, data, gasLimit, value } of transactions) {
    const call = { from, ...(to === null ? {} : { to }), data, gas: toQuantity(gasLimit), value: toQuantity(value) };
    await provider.send("eth_sendTransaction", [call]);
  }
  return { ...deployment, genesisHash: genesis!.hash! };
}

async function record(provider: JsonRpcProvider, url: string, options: DeployOptions): Promise<Deployed> {
  const deployment = await deployContracts({ url, ...options });
  const last = await provider.getBlockNumber();
  const blocks: (Block | null)[] = [];
  for (let number = deployment.block + 1; number <= last; number++) blocks.push(await provider.getBlock(number, true));
  return { deployment, transactions: blocks.flatMap((block) => block?.prefetchedTransactions ?? []) };
}
