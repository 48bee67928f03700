import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { getAddress } from "ethers";
import { network } from "hardhat";

import { FORMAT_VERSION } from "../src/errors/index.js";
import ChartChain from "../ignition/modules/ChartChain.js";
import { chainCall, connect, type Deployment } from "../src/sdk/index.js";

/** A chain as Hardhat connects to it: one in this process, or a node behind a URL. */
export type Connection = Awaited<ReturnType<typeof network.create>>;

/** As Ignition takes them. */
export interface DeployFees {
  maxPriorityFeePerGas?: bigint;
  maxFeePerGasLimit?: bigint;
}

/** How to deploy. */
export interface DeployOptions {
  /** How long the authority waits between announcing and doing, in seconds. */
  delay: number;
  /** The authority's account; the deployer's when left out. The deployer keeps nothing otherwise. */
  authority?: string;
  /** The tip for a unit of gas, and the most that one may cost, in wei; what the node says when left out. */
  fees?: DeployFees;
  /** Keep no journal: for chains that end with the process. */
  ephemeral?: boolean;
}

/**
 * Deploys every contract with Hardhat Ignition to a node. Interrupted and run again on the same chain, it goes on where it
 * was: the journal is kept for each genesis block, so that a restarted local chain is a new deployment.
 *
 * @param options.privateKey of the deployer; the node's own first account when left out
 * @throws CHAIN_UNREACHABLE, and what Ignition throws
 *
 * @example
 * const deployment = await deployContracts({ url: "http://127.0.0.1:8545", delay: 2, ephemeral: true });
 */
export async function deployContracts(
  options: DeployOptions & { url: string; privateKey?: string },
): Promise<Deployment> {
  const { url, privateKey, fees } = options;
  (await connect(url)).destroy();
  const connection = await connectTo(url, privateKey, fees);
  try {
    return await deployOver(connection, options);
  } finally {
    await connection.close();
  }
}

/** A node behind a URL, whose own accounts sign unless there is a key. */
export const connectTo = (url: string, privateKey?: string, fees?: DeployFees): Promise<Connection> =>
  network.create({
    network: "localhost",
    override: {
      url,
      accounts: privateKey === undefined ? "remote" : [privateKey],
      ...(fees === undefined ? {} : { ignition: fees }),
    },
  });

/** Deploys over a connection; its first account is the deployer. Otherwise as {@link deployContracts}. */
export async function deployOver(connection: Connection, options: DeployOptions): Promise<Deployment> {
  const { delay, ephemeral = false } = options;
  const { ethers, ignition } = connection;
  const [genesis, { chainId }, block] = await chainCall(() =>
    Promise.all([ethers.provider.getBlock(0), ethers.provider.getNetwork(), ethers.provider.getBlockNumber()]),
  );
  const genesisHash = genesis!.hash!;
  // Chains that start in the same second may have the same genesis block.
  const deploymentId = `chain-${chainId}-${ephemeral ? randomUUID() : genesisHash.slice(2, 14)}`;
  try {
    const [deployer] = await ethers.getSigners();
    const account = getAddress(options.authority ?? deployer!.address);
    const deployed = await ignition.deploy(ChartChain, { deploymentId, parameters: { Authority: { account, delay } } });
    const addressOf = async (contract: { getAddress(): Promise<string> }) => contract.getAddress();
    return {
      version: FORMAT_VERSION,
      chainId: Number(chainId),
      genesisHash,
      block,
      contracts: {
        Authority: await addressOf(deployed.authority),
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
    if (ephemeral) {
      const journal = join(import.meta.dirname, "..", "ignition", "deployments", deploymentId);
      await rm(journal, { recursive: true, force: true });
    }
  }
}
