import { isAddress, type Provider } from "ethers";

import { ChartChainError, FORMAT_VERSION, refuseNewer } from "../../errors/index.js";
import { addressOf, type WithContracts } from "./contracts.js";
import { guardProvider } from "./guarded.js";

/** The core's contracts. */
export const CONTRACT_NAMES = [
  "Authority",
  "Registrar",
  "Delegates",
  "PatientProviderRelationships",
  "Consents",
  "Records",
  "Summary",
] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

/** The names of the core's contracts and of those that modules bring. */
export const contractNames = (modules: readonly WithContracts[] = []): string[] => [
  ...new Set([...CONTRACT_NAMES, ...modules.flatMap(({ contracts = {} }) => Object.keys(contracts))]),
];

/** Where the contracts are: what `deployments/<chainId>.json` holds. */
export interface Deployment {
  version: 1;
  chainId: number;
  /** Hash of block 0: tells a restarted local chain from the one that was deployed to. */
  genesisHash: string;
  /** The first block that can hold an event of these contracts. */
  block: number;
  /** The core's, and those of the modules that were deployed with it. */
  contracts: Record<ContractName, string> & Record<string, string>;
}

/**
 * Reads a deployment from parsed JSON.
 *
 * @param modules those that are going to be used: their contracts have to be there, too
 * @throws FORMAT_NEWER; DEPLOYMENT_INVALID, which names the contract that has no address, and the address whose checksum is wrong
 */
export function parseDeployment(value: unknown, modules: readonly WithContracts[] = []): Deployment {
  const candidate = value as Partial<Deployment> | null;
  const isAddressLike = (text: unknown) => typeof text === "string" && /^0x[0-9a-fA-F]{40}$/.test(text);
  refuseNewer("deployment file", candidate?.version);
  if (
    typeof candidate !== "object" ||
    candidate === null ||
    candidate.version !== FORMAT_VERSION ||
    !Number.isSafeInteger(candidate.chainId) ||
    !Number.isSafeInteger(candidate.block) ||
    !/^0x[0-9a-f]{64}$/.test(candidate.genesisHash ?? "") ||
    !CONTRACT_NAMES.every((name) => isAddressLike(candidate.contracts?.[name])) ||
    !Object.values(candidate.contracts ?? {}).every(isAddressLike)
  ) {
    throw new ChartChainError("DEPLOYMENT_INVALID", "this is not a ChartChain deployment", {
      hint: "Deploy again, or use the deployments/<chainId>.json that the deploy script wrote.",
    });
  }
  requireChecksums(candidate as Deployment);
  for (const name of contractNames(modules)) addressOf(candidate as Deployment, name);
  return candidate as Deployment;
}

/** The capitals of an address are its checksum (EIP-55): one that is wrong is likely a slip in the digits, too. */
function requireChecksums({ contracts }: Deployment): void {
  const wrong = Object.entries(contracts).find(([, address]) => !isAddress(address));
  if (wrong === undefined) return;
  const [contract, address] = wrong;
  throw new ChartChainError("DEPLOYMENT_INVALID", `the deployment's ${contract} is no address: ${address}`, {
    details: { contract, address },
    hint: "Its checksum (EIP-55) is wrong: compare it with where it comes from. All in small letters it has none.",
  });
}

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
