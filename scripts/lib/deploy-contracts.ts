import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { getAddress } from "ethers";
import { network } from "hardhat";

import ChartChain from "../../ignition/modules/ChartChain.js";
import ChartChainForAuthority from "../../ignition/modules/ChartChainForAuthority.js";
import { connect, type Deployment } from "../../src/sdk/index.js";

/** Where to deploy, and how. */
export interface DeployOptions {
  url: string;
  /** Private key of the deployer; the node's own first account when left out. */
  privateKey?: string;
  /** The authority's account; the deployer's when left out. The deployer keeps nothing otherwise. */
  authority?: string;
  /** How long the authority waits between announcing and doing, in seconds. */
  delay: number;
  /** Keep no journal: for chains that end with the process. */
  ephemeral?: boolean;
}

/**
 * Deploys every contract with Hardhat Ignition. Interrupted and run again on the same chain, it goes on where it was:
 * the journal is kept for each genesis block, so that a restarted local chain is a new deployment.
 */
export async function deployContracts(options: DeployOptions): Promise<Deployment> {
  const { url, privateKey, authority, delay, ephemeral = false } = options;
  const provider = await connect(url);
  const [genesis, { chainId }, block] = await Promise.all([
    provider.getBlock(0),
    provider.getNetwork(),
    provider.getBlockNumber(),
  ]);
  provider.destroy();
  const genesisHash = genesis!.hash!;
  // Chains that start in the same second may have the same genesis block.
  const which = ephemeral ? randomUUID() : genesisHash.slice(2, 14);
  const deploymentId = `chain-${chainId}-${which}`;
  const connection = await network.create({
    network: "localhost",
    override: { url, accounts: privateKey === undefined ? "remote" : [privateKey] },
  });
  try {
    const [deployer] = await connection.ethers.getSigners();
    const deployed =
      authority === undefined || getAddress(authority) === deployer?.address
        ? await connection.ignition.deploy(ChartChain, { deploymentId, parameters: { ChartChain: { delay } } })
        : await connection.ignition.deploy(ChartChainForAuthority, {
            deploymentId,
            parameters: { ChartChainForAuthority: { authority, delay } },
          });
    const addressOf = async (contract: { getAddress(): Promise<string> }) => contract.getAddress();
    return {
      chainId: Number(chainId),
      genesisHash,
      block,
      contracts: {
        AccessManager: await addressOf(deployed.accessManager),
        Registrar: await addressOf(deployed.registrar),
        Delegates: await addressOf(deployed.delegates),
        PatientProviderRelationships: await addressOf(deployed.relationships),
        Consents: await addressOf(deployed.consents),
        Records: await addressOf(deployed.records),
        Summary: await addressOf(deployed.summary),
        ChartToken: await addressOf(deployed.chartToken),
        DataBank: await addressOf(deployed.dataBank),
        Studies: await addressOf(deployed.studies),
        TransparencyLog: await addressOf(deployed.transparencyLog),
      },
    };
  } finally {
    await connection.close();
    if (ephemeral) {
      const journal = join(import.meta.dirname, "..", "..", "ignition", "deployments", deploymentId);
      await rm(journal, { recursive: true, force: true });
    }
  }
}
