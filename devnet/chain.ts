import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { artifacts, network } from "hardhat";

import { connectContracts } from "../src/sdk/index.js";
import { allModules } from "../src/sdk/modules/index.js";
import { deployOver } from "./deploy-over.js";
import { fixture, snapshotOf } from "./fixture.js";

/** How long the authority of a chain in tests waits, in seconds. */
export const AUTHORITY_DELAY = 60;

/**
 * A local chain in this process with every contract deployed by the Ignition module that a real deployment uses: for tests
 * that speak to the contracts themselves. Participants with vaults and stores are {@link createDevnet}'s.
 *
 * @param from the chain's first second (since 1970), where it isn't now
 *
 * @example
 * const { registrar, alice, networkHelpers } = await createChain();
 * await registrar.connect(alice).registerPatient(keyDocumentOf("Alice"));
 * await networkHelpers.time.increase(60);
 */
export async function createChain(from?: number) {
  const initialDate = from === undefined ? new Date() : new Date(from * 1000);
  return over(await network.create({ override: { initialDate } }));
}

/** {@link createChain}'s chain, deployed once in a process and handed out as new each time: for {@link fixture}s to stand on. */
export const deployedChain = fixture(() => createChain());

/** A local chain, its contracts, and accounts with ether. Who they are is up to the test. */
export type Chain = Awaited<ReturnType<typeof createChain>>;

async function over(connection: Awaited<ReturnType<typeof network.create>>) {
  const { ethers, networkHelpers } = connection;
  // Of the project's Hardhat: for the contracts' coverage that has others.
  const compiled = new HardhatArtifactResolver(artifacts);
  const deployment = await deployOver(connection.provider, { delay: AUTHORITY_DELAY }, compiled);
  const [authority, alice, bob, generalHospital, laboratory, insurer, stranger, relayer] = await ethers.getSigners();
  const contracts = connectContracts(deployment, authority!, allModules);
  return {
    connection,
    ethers,
    networkHelpers,
    provider: ethers.provider,
    snapshot: () => snapshotOf(ethers.provider),
    deployment,
    accessManager: contracts.Authority,
    registrar: contracts.Registrar,
    delegates: contracts.Delegates,
    relationships: contracts.PatientProviderRelationships,
    consents: contracts.Consents,
    records: contracts.Records,
    summary: contracts.Summary,
    chartToken: contracts.ChartToken,
    dataBank: contracts.DataBank,
    studies: contracts.Studies,
    transparencyLog: contracts.TransparencyLog,
    authority: authority!,
    alice: alice!,
    bob: bob!,
    generalHospital: generalHospital!,
    laboratory: laboratory!,
    insurer: insurer!,
    stranger: stranger!,
    relayer: relayer!,
  };
}
