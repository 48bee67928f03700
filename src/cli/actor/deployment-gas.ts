import type { JsonRpcProvider } from "ethers";

import { chainCall, type Deployment } from "../../sdk/index.js";

/** What a deployment cost. */
export interface DeploymentGas {
  contracts: Partial<Record<string, number>>;
  /** Calls that set the contracts up. */
  setup: number;
  total: number;
}

/** Adds up what the deployer's transactions since the deployment's first block used. */
export async function gasOfDeployment(
  provider: JsonRpcProvider,
  { block, contracts }: Deployment,
  deployer: string,
): Promise<DeploymentGas> {
  const gas: DeploymentGas = { contracts: {}, setup: 0, total: 0 };
  const head = await chainCall(() => provider.getBlockNumber());
  for (let number = block; number <= head; number++) {
    const { prefetchedTransactions } = (await chainCall(() => provider.getBlock(number, true)))!;
    for (const { from, hash } of prefetchedTransactions) {
      if (from !== deployer) continue;
      const receipt = (await chainCall(() => provider.getTransactionReceipt(hash)))!;
      const used = Number(receipt.gasUsed);
      const name = Object.keys(contracts).find((each) => contracts[each] === receipt.contractAddress);
      if (name === undefined) gas.setup += used;
      else gas.contracts[name] = used;
      gas.total += used;
    }
  }
  return gas;
}
