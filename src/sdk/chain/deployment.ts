import { isAddress, type Provider } from "ethers";

import { ChartChainError, FORMAT_VERSION, refuseNewer } from "../../errors/index.js";
import { chainCall } from "./errors.js";

export const CONTRACT_NAMES = [
  "Authority",
  "Registrar",
  "Delegates",
  "PatientProviderRelationships",
  "Consents",
  "Records",
  "Summary",
  "ChartToken",
  "DataBank",
  "Studies",
  "TransparencyLog",
] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

/** Where the contracts are: what `deployments/<chainId>.json` holds. */
export interface Deployment {
  version: 1;
  chainId: number;
  /** Hash of block 0: tells a restarted local chain from the one that was deployed to. */
  genesisHash: string;
  /** The first block that can hold an event of these contracts. */
  block: number;
  contracts: Record<ContractName, string>;
}

/**
 * Reads a deployment from parsed JSON.
 *
 * @throws FORMAT_NEWER; DEPLOYMENT_INVALID, which names the address when its checksum is wrong
 */
export function parseDeployment(value: unknown): Deployment {
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
    !CONTRACT_NAMES.every((name) => isAddressLike(candidate.contracts?.[name]))
  ) {
    throw new ChartChainError("DEPLOYMENT_INVALID", "this is not a ChartChain deployment", {
      hint: "Deploy again, or use the deployments/<chainId>.json that the deploy script wrote.",
    });
  }
  requireChecksums(candidate as Deployment);
  return candidate as Deployment;
}

/** The capitals of an address are its checksum (EIP-55): one that is wrong is likely a slip in the digits, too. */
function requireChecksums({ contracts }: Deployment): void {
  const contract = CONTRACT_NAMES.find((name) => !isAddress(contracts[name]));
  if (contract === undefined) return;
  const address = contracts[contract];
  throw new ChartChainError("DEPLOYMENT_INVALID", `the deployment's ${contract} is no address: ${address}`, {
    details: { contract, address },
    hint: "Its checksum (EIP-55) is wrong: compare it with where it comes from. All in small letters it has none.",
  });
}

/**
 * Makes sure that `provider` speaks to the chain and the contracts that `deployment` names.
 *
 * @throws CHAIN_UNREACHABLE, DEPLOYMENT_INVALID, WRONG_CHAIN, CHAIN_RESTARTED, CONTRACTS_NOT_DEPLOYED
 */
export async function checkDeployment(provider: Provider, deployment: Deployment): Promise<void> {
  requireChecksums(deployment);
  const { chainId } = await chainCall(() => provider.getNetwork());
  if (chainId !== BigInt(deployment.chainId)) {
    throw new ChartChainError("WRONG_CHAIN", `the node is on chain ${chainId}, not on ${deployment.chainId}`, {
      details: { chainId: Number(chainId), expected: deployment.chainId },
      hint: "Point at a node of the right chain.",
    });
  }
  const genesis = await chainCall(() => provider.getBlock(0));
  if (genesis?.hash !== deployment.genesisHash) {
    throw new ChartChainError("CHAIN_RESTARTED", `chain ${chainId} has another first block than the deployment`, {
      details: { genesisHash: genesis?.hash ?? null, expected: deployment.genesisHash },
      hint: "A local chain starts empty each time: deploy again, and let each actor begin with a new vault.",
    });
  }
  await checkCode(provider, deployment);
}

// Code is large and never goes away: a connection is asked for it once, and not for each client over it.
const deployed = new WeakMap<Provider, Set<string>>();

async function checkCode(provider: Provider, { chainId, genesisHash, contracts }: Deployment): Promise<void> {
  const known = deployed.get(provider) ?? new Set();
  const which = JSON.stringify([genesisHash, contracts]);
  if (known.has(which)) return;
  const codes = await Promise.all(CONTRACT_NAMES.map((name) => chainCall(() => provider.getCode(contracts[name]))));
  const missing = CONTRACT_NAMES.filter((_, i) => codes[i] === "0x");
  if (missing.length > 0) {
    throw new ChartChainError("CONTRACTS_NOT_DEPLOYED", `chain ${chainId} has no ${missing.join(", ")}`, {
      details: { missing },
      hint: "Run the deploy script against this chain first.",
    });
  }
  deployed.set(provider, known.add(which));
}
