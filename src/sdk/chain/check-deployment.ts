import type { Provider } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { WithContracts } from "./contracts.js";
import { addressOf, contractNames, requireChecksums, type Deployment } from "./deployment.js";
import { guardProvider } from "./guarded.js";

/**
 * Makes sure that a node speaks to the chain and the contracts that `deployment` names.
 *
 * @param modules whose contracts have to be there besides the core's
 * @throws CHAIN_UNREACHABLE, DEPLOYMENT_INVALID, WRONG_CHAIN, CHAIN_RESTARTED, CONTRACTS_NOT_DEPLOYED
 */
export async function checkDeployment(
  node: Provider,
  deployment: Deployment,
  modules: readonly WithContracts[] = [],
): Promise<void> {
  requireChecksums(deployment);
  const provider = guardProvider(node);
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(deployment.chainId)) {
    throw new ChartChainError("WRONG_CHAIN", `the node is on chain ${chainId}, not on ${deployment.chainId}`, {
      details: { chainId: Number(chainId), expected: deployment.chainId },
      hint: "Point at a node of the right chain.",
    });
  }
  const genesis = await provider.getBlock(0);
  if (genesis?.hash !== deployment.genesisHash) {
    throw new ChartChainError("CHAIN_RESTARTED", `chain ${chainId} has another first block than the deployment`, {
      details: { genesisHash: genesis?.hash ?? null, expected: deployment.genesisHash },
      hint: "A local chain starts empty each time: deploy again, and let each actor begin with a new vault.",
    });
  }
  await checkCode(provider, deployment, contractNames(modules));
}

// Code is large and never goes away: a connection is asked for it once, and not for each client over it.
const deployed = new WeakMap<Provider, Set<string>>();

async function checkCode(provider: Provider, deployment: Deployment, names: readonly string[]): Promise<void> {
  const { chainId, genesisHash } = deployment;
  const addresses = names.map((name) => addressOf(deployment, name));
  const known = deployed.get(provider) ?? new Set();
  const which = JSON.stringify([genesisHash, names, addresses]);
  if (known.has(which)) return;
  const codes = await Promise.all(addresses.map((address) => provider.getCode(address)));
  const missing = names.filter((_, i) => codes[i] === "0x");
  if (missing.length > 0) {
    throw new ChartChainError("CONTRACTS_NOT_DEPLOYED", `chain ${chainId} has no ${missing.join(", ")}`, {
      details: { missing },
      hint: "Run the deploy script against this chain first.",
    });
  }
  deployed.set(provider, known.add(which));
}
