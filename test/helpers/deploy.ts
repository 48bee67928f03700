import { network } from "hardhat";
import { id as keccakOfText, sha256, toUtf8Bytes, type Signer } from "ethers";

import ChartChain from "../../ignition/modules/ChartChain.js";
import {
  AccessManager__factory,
  ChartToken__factory,
  Consents__factory,
  DataBank__factory,
  Delegates__factory,
  PatientProviderRelationships__factory,
  Records__factory,
  Registrar__factory,
  Studies__factory,
  Summary__factory,
  TransparencyLog__factory,
} from "../../typechain-types/index.js";

/** How long the authority waits in tests, in seconds. */
export const AUTHORITY_DELAY = 60;

export const PROVIDER = 1;
export const PAYER = 2;
export const RESEARCHER = 4;
export const PUBLIC_HEALTH = 8;
export const EMERGENCY = 16;

export const keyDocumentOf = (name: string) => sha256(toUtf8Bytes(`key document of ${name}`));

/**
 * A local chain with every contract deployed by the Ignition module that a real deployment uses.
 *
 * @param from the chain's first second, where it isn't now.
 */
export async function deployChartChain(from?: number) {
  const override = from === undefined ? {} : { initialDate: new Date(from * 1000) };
  const connection = await network.create({ override });
  const { ethers, ignition, networkHelpers } = connection;
  const [authority, alice, bob, generalHospital, laboratory, insurer, stranger, relayer] = await ethers.getSigners();
  const deployed = await ignition.deploy(ChartChain, { parameters: { ChartChain: { delay: AUTHORITY_DELAY } } });
  const address = async (contract: { getAddress(): Promise<string> }) => contract.getAddress();
  const runner = authority!;

  const contracts = {
    accessManager: AccessManager__factory.connect(await address(deployed.accessManager), runner),
    registrar: Registrar__factory.connect(await address(deployed.registrar), runner),
    delegates: Delegates__factory.connect(await address(deployed.delegates), runner),
    relationships: PatientProviderRelationships__factory.connect(await address(deployed.relationships), runner),
    consents: Consents__factory.connect(await address(deployed.consents), runner),
    records: Records__factory.connect(await address(deployed.records), runner),
    summary: Summary__factory.connect(await address(deployed.summary), runner),
    chartToken: ChartToken__factory.connect(await address(deployed.chartToken), runner),
    dataBank: DataBank__factory.connect(await address(deployed.dataBank), runner),
    studies: Studies__factory.connect(await address(deployed.studies), runner),
    transparencyLog: TransparencyLog__factory.connect(await address(deployed.transparencyLog), runner),
  };

  return {
    connection,
    ethers,
    networkHelpers,
    provider: ethers.provider,
    ...contracts,
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

export type Deployed = Awaited<ReturnType<typeof deployChartChain>>;

/** Runs a restricted call through the AccessManager: announces it, waits out the delay, executes it. */
export async function asAuthority(chain: Deployed, target: { getAddress(): Promise<string> }, data: string) {
  const manager = chain.accessManager.connect(chain.authority);
  const address = await target.getAddress();
  await (await manager.schedule(address, data, 0)).wait();
  await chain.networkHelpers.time.increase(AUTHORITY_DELAY);
  return manager.execute(address, data);
}

/** Registers a person. */
export async function registerPatient(chain: Deployed, account: Signer, name = "a patient") {
  await (await chain.registrar.connect(account).registerPatient(keyDocumentOf(name))).wait();
  return chain.registrar.participantOf(await account.getAddress());
}

/** Registers an institution and has it licensed for a year. */
export async function licenseInstitution(chain: Deployed, account: Signer, name: string, roles: number) {
  await (await chain.registrar.connect(account).registerInstitution(keyDocumentOf(name), name)).wait();
  const institution = await chain.registrar.participantOf(await account.getAddress());
  const until = (await chain.networkHelpers.time.latest()) + 365 * 24 * 60 * 60;
  const data = chain.registrar.interface.encodeFunctionData("license", [institution, keccakOfText(name), roles, until]);
  await (await asAuthority(chain, chain.registrar, data)).wait();
  return institution;
}
