import { dirname, join } from "node:path";

import type { JsonRpcProvider } from "ethers";

import { isChartChainError } from "../../errors/index.js";
import { withHint } from "../terminal/report-error.js";
import { chainCall, checkDeployment, connect, type Deployment, type Module } from "../../sdk/index.js";
import type { CHAIN_FLAGS } from "../line/common-flags.js";
import { deploymentPath, everyModule, readDeployment } from "./deployment-file.js";
import type { Talk } from "../terminal/talk.js";
import type { Values } from "../line/flags.js";
import { LOCAL_CHAIN_ID } from "./local-chain.js";

/** A node, and the contracts that a step works with there. */
export interface Chain {
  provider: JsonRpcProvider;
  deployment: Deployment;
  /** The file that the deployment was read from. */
  deploymentFile: string;
  local: boolean;
}

/**
 * Connects to the node and makes sure that the contracts are there.
 *
 * @param needed the modules whose contracts the step needs besides the core's; every module when left out
 * @throws CHAIN_UNREACHABLE, DEPLOYMENT_NOT_FOUND, DEPLOYMENT_INVALID, WRONG_CHAIN, CHAIN_RESTARTED,
 *   CONTRACTS_NOT_DEPLOYED
 */
export async function openChain(
  flags: Values<typeof CHAIN_FLAGS>,
  { environment }: Talk,
  needed?: readonly Module[],
): Promise<Chain> {
  const provider = await connectTo(flags.rpc);
  try {
    const chainId = Number((await provider.getNetwork()).chainId);
    const deploymentFile = deploymentPath(chainId, flags.deployment, environment);
    const modules = needed ?? (await everyModule());
    const deployment = await readDeployment(deploymentFile, modules);
    await checkDeployment(provider, deployment, modules);
    return { provider, deployment, deploymentFile, local: chainId === LOCAL_CHAIN_ID };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}

/** As `connect`, and tells who finds no node how to come by one. */
export async function connectTo(url: string, options?: Parameters<typeof connect>[1]): Promise<JsonRpcProvider> {
  try {
    return await connect(url, options);
  } catch (error) {
    if (!isChartChainError(error, "CHAIN_UNREACHABLE") || !/^no chain/.test(error.message)) throw error;
    throw withHint(error, NO_NODE);
  }
}

/** What to do where no node answers. */
export const NO_NODE =
  "Start it, or check --rpc and the network: chartchain network list. A local one: chartchain network start";

/** The chain's own clock, in seconds since 1970: an idle local chain shows it only in the block that comes next. */
export async function nextBlockTime(provider: JsonRpcProvider): Promise<number> {
  const pending = (await chainCall(() => provider.send("eth_getBlockByNumber", ["pending", false]))) as {
    timestamp: string;
  };
  return Number(pending.timestamp);
}

/** A folder that everybody on this machine shares. */
export const besideDeployment = ({ deploymentFile, deployment }: Chain, what: string): string =>
  join(dirname(deploymentFile), `${deployment.chainId}-${what}`);
