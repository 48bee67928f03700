import { join } from "node:path";

import type { ArtifactResolver, DeploymentResult } from "@nomicfoundation/ignition-core";
import { getAddress } from "ethers";

import { ChartChainError, FORMAT_VERSION } from "../src/errors/index.js";
import { chainCall, type Deployment } from "../src/sdk/index.js";
import type { DeployOptions } from "./deploy-options.js";
import { optional } from "./optional.js";

/** A connection to a node (EIP-1193) that signs for its accounts. */
export interface NodeProvider {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

/**
 * Deploys every contract with Hardhat Ignition over a connection; its first account is the deployer.
 *
 * @throws HARDHAT_MISSING, DEPLOYMENT_FAILED, what the node's errors are translated to, and what `artifactResolver` throws
 */
export async function deployOver(
  provider: NodeProvider,
  { delay, authority, fees = {}, journals }: DeployOptions,
  artifactResolver: ArtifactResolver,
): Promise<Deployment> {
  const { deploy } = await optional("@nomicfoundation/ignition-core", () => import("@nomicfoundation/ignition-core"));
  const { default: ignitionModule } = await import("../ignition/modules/ChartChain.js");
  const ask = (method: string, ...params: unknown[]) => chainCall(() => provider.request({ method, params }));
  const [genesis, chainId, block, accounts] = (await Promise.all([
    ask("eth_getBlockByNumber", "0x0", false),
    ask("eth_chainId"),
    ask("eth_blockNumber"),
    ask("eth_accounts"),
  ])) as [{ hash: string }, string, string, string[]];
  const deploymentId = `chain-${Number(chainId)}-${genesis.hash.slice(2, 14)}`;
  const result = await deploy({
    provider,
    accounts,
    artifactResolver,
    ignitionModule,
    deploymentParameters: { Authority: { account: getAddress(authority ?? accounts[0]!), delay } },
    ...(journals === undefined ? {} : { deploymentDir: join(journals, deploymentId) }),
    ...fees,
  }).catch((cause: unknown) => {
    throw cause instanceof ChartChainError ? cause : failed(cause);
  });
  if (!("contracts" in result)) throw failed(new Error(reasonsOf(result).join("; ")));

  const { results } = ignitionModule;
  const addressOf = ({ id }: { id: string }) => result.contracts[id]!.address;
  return {
    version: FORMAT_VERSION,
    chainId: Number(chainId),
    genesisHash: genesis.hash,
    block: Number(block),
    contracts: {
      Authority: addressOf(results.authority),
      Registrar: addressOf(results.registrar),
      Delegates: addressOf(results.delegates),
      PatientProviderRelationships: addressOf(results.relationships),
      Consents: addressOf(results.consents),
      Records: addressOf(results.records),
      Summary: addressOf(results.summary),
      ChartToken: addressOf(results.chartToken),
      DataBank: addressOf(results.dataBank),
      Studies: addressOf(results.studies),
      TransparencyLog: addressOf(results.transparencyLog),
    },
  };
}

const failed = (cause: unknown) =>
  new ChartChainError("DEPLOYMENT_FAILED", "the contracts could not be deployed", {
    hint: "Mend the cause and run it again: with a journal it goes on where it stopped.",
    cause,
  });

/** What Ignition says of each part that went wrong. */
function reasonsOf(result: Exclude<DeploymentResult, { contracts: unknown }>): string[] {
  if ("errors" in result) {
    return Object.entries(result.errors).flatMap(([future, errors]) => errors.map((error) => `${future}: ${error}`));
  }
  return [
    ...result.failed.map(({ futureId, error }) => `${futureId}: ${error}`),
    ...result.timedOut.map(({ futureId }) => `${futureId}: no answer in time`),
    ...result.held.map(({ futureId, reason }) => `${futureId}: ${reason}`),
  ];
}
