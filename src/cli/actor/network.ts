import type { Network } from "./profile.js";
import { readDeployment } from "./deployment-file.js";
import { connectTo } from "./chain.js";
import { checkDeployment, type Deployment } from "../../sdk/index.js";
import { allModules } from "../../sdk/modules/index.js";

/** How long a node may take for an answer where somebody only looks whether it is there, in milliseconds. */
export const A_LOOK_MS = 5_000;

/**
 * Makes sure that all of a network's nodes answer, are on the same chain, and that the contracts are there.
 *
 * @param timeout how long an answer may take, in milliseconds
 * @throws CHAIN_UNREACHABLE, RATE_LIMITED, DEPLOYMENT_NOT_FOUND, DEPLOYMENT_INVALID, WRONG_CHAIN, CHAIN_RESTARTED,
 *   CONTRACTS_NOT_DEPLOYED
 */
export async function checkNetwork(
  { rpc, deployment: path, otherNodes = [] }: Network & { rpc: string; deployment: string },
  timeout = A_LOOK_MS,
): Promise<Deployment> {
  const deployment = await readDeployment(path);
  for (const url of [rpc, ...otherNodes]) {
    const provider = await connectTo(url, { timeout });
    try {
      await checkDeployment(provider, deployment, allModules);
    } finally {
      provider.destroy();
    }
  }
  return deployment;
}
