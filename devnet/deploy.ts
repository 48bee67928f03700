import { connect, type Deployment } from "../src/sdk/index.js";
import { compiledContracts } from "./artifacts.js";
import type { DeployOptions } from "./deploy-options.js";
import { deployOver } from "./deploy-over.js";
import { hardhat } from "./hardhat.js";

/**
 * Deploys every contract with Hardhat Ignition to a node. Interrupted and run again on the same chain with the same
 * `journals`, it goes on where it was; a restarted local chain has another genesis block and is a new deployment.
 *
 * @param options.url of the node
 * @param options.privateKey of the deployer; the node's own first account when left out
 * @throws HARDHAT_MISSING, CHAIN_UNREACHABLE, ARTIFACTS_MISSING, DEPLOYMENT_FAILED
 *
 * @example
 * const deployment = await deployContracts({ url: "http://127.0.0.1:8545", delay: 2 });
 */
export async function deployContracts(
  options: DeployOptions & { url: string; privateKey?: string },
): Promise<Deployment> {
  const { url, privateKey } = options;
  const { network } = await hardhat();
  (await connect(url)).destroy();
  const connection = await network.create({
    network: "localhost",
    override: { url, accounts: privateKey === undefined ? "remote" : [privateKey] },
  });
  try {
    return await deployOver(connection.provider, options, await compiledContracts());
  } finally {
    await connection.close();
  }
}
