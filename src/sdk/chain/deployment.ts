import { isAddress } from "ethers";

import { ChartChainError, FORMAT_VERSION, refuseNewer } from "../../errors/index.js";

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

/** What brings contracts of its own, by their names. */
interface WithContractNames {
  readonly contracts?: object;
}

/** The names of the core's contracts and of those that modules bring. */
export const contractNames = (modules: readonly WithContractNames[] = []): string[] => [
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
export function parseDeployment(value: unknown, modules: readonly WithContractNames[] = []): Deployment {
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

/** Addresses that are right, as they were written: each checksum is a hash, and a deployment is checked wherever it goes in. */
const right = new Set<string>();
/** More than a deployment has. */
const MOST_REMEMBERED = 256;

/** The capitals of an address are its checksum (EIP-55): one that is wrong is likely a slip in the digits, too. */
export function requireChecksums({ contracts }: Deployment): void {
  const wrong = Object.entries(contracts).find(([, address]) => !isRight(address));
  if (wrong === undefined) return;
  const [contract, address] = wrong;
  throw new ChartChainError("DEPLOYMENT_INVALID", `the deployment's ${contract} is no address: ${address}`, {
    details: { contract, address },
    hint: "Its checksum (EIP-55) is wrong: compare it with where it comes from. All in small letters it has none.",
  });
}

function isRight(address: string): boolean {
  if (right.has(address)) return true;
  if (!isAddress(address)) return false;
  if (right.size < MOST_REMEMBERED) right.add(address);
  return true;
}

/** Where a contract is. Throws DEPLOYMENT_INVALID when the deployment doesn't say. */
export function addressOf({ contracts }: Deployment, contract: string): string {
  const address = contracts[contract];
  if (address !== undefined) return address;
  throw new ChartChainError("DEPLOYMENT_INVALID", `the deployment has no ${contract}`, {
    details: { contract },
    hint: "Deploy the module that it belongs to, or leave that module out of createClient's modules.",
  });
}
