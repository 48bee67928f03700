import { concat, getBytes, toBeHex, type Provider } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
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
  await checkChain(provider, deployment);
  await checkCode(provider, deployment, contractNames(modules));
}

// A program that opens an index and a client, one after the other, asks once.
const met = new WeakMap<Provider, { genesisHash: string; chainId: number; at: number }>();

/** For so long, in milliseconds, a connection isn't asked again which chain it is on. */
const MOMENT = 1_000;

async function checkChain(provider: Provider, deployment: Deployment): Promise<void> {
  const { genesisHash, chainId: expected } = deployment;
  const before = met.get(provider);
  const isSame = before?.genesisHash === genesisHash && before.chainId === expected;
  if (isSame && performance.now() - before.at < MOMENT) return;
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
  met.set(provider, { genesisHash, chainId: expected, at: performance.now() });
}

// Code is large and never goes away: a connection is asked for each contract's once, and not for each client over it.
const deployed = new WeakMap<Provider, Set<string>>();

async function checkCode(provider: Provider, deployment: Deployment, names: readonly string[]): Promise<void> {
  const { chainId, genesisHash } = deployment;
  const known = deployed.get(provider) ?? new Set();
  const keyOf = (name: string) => `${genesisHash} ${addressOf(deployment, name)}`;
  const asked = names.filter((name) => !known.has(keyOf(name)));
  const there = await haveCode(
    provider,
    asked.map((name) => addressOf(deployment, name)),
  );
  const missing = asked.filter((_, i) => !there[i]);
  if (missing.length > 0) {
    throw new ChartChainError("CONTRACTS_NOT_DEPLOYED", `chain ${chainId} has no ${missing.join(", ")}`, {
      details: { missing },
      hint: "Run the deploy script against this chain first.",
    });
  }
  for (const name of asked) known.add(keyOf(name));
  deployed.set(provider, known);
}

/**
 * Which of these addresses have code. One call runs a constructor that returns their codes' sizes: the codes themselves are half a
 * megabyte. A node that runs no constructors is asked for each code.
 */
async function haveCode(provider: Provider, addresses: readonly string[]): Promise<boolean[]> {
  if (addresses.length === 0) return [];
  try {
    const answer = getBytes(await provider.call({ data: sizesOf(addresses) }));
    if (answer.length === addresses.length * WORD) {
      return addresses.map((_, i) => answer.subarray(i * WORD, (i + 1) * WORD).some((byte) => byte !== 0));
    }
  } catch (error) {
    if (isChartChainError(error, "CHAIN_UNREACHABLE") || isChartChainError(error, "RATE_LIMITED")) throw error;
  }
  const codes = await Promise.all(addresses.map((address) => provider.getCode(address)));
  return codes.map((code) => code !== "0x");
}

/** Bytes of a word of the EVM. */
const WORD = 32;

/** The constructor: for each address PUSH20, EXTCODESIZE, PUSH2 of its place, MSTORE; then RETURN of all. */
const sizesOf = (addresses: readonly string[]): string =>
  concat([
    ...addresses.flatMap((address, i) => ["0x73", address, "0x3b", push2(i * WORD), "0x52"]),
    push2(addresses.length * WORD),
    "0x6000f3",
  ]);

const push2 = (value: number): string => concat(["0x61", toBeHex(value, 2)]);
