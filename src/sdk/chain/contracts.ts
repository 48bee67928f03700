import type { ContractRunner } from "ethers";

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
} from "../../../typechain-types/index.js";
import type { Deployment } from "./deployment.js";

/** The deployed contracts, typed. */
export function connectContracts({ contracts }: Deployment, runner: ContractRunner) {
  return {
    AccessManager: AccessManager__factory.connect(contracts.AccessManager, runner),
    Registrar: Registrar__factory.connect(contracts.Registrar, runner),
    Delegates: Delegates__factory.connect(contracts.Delegates, runner),
    PatientProviderRelationships: PatientProviderRelationships__factory.connect(
      contracts.PatientProviderRelationships,
      runner,
    ),
    Consents: Consents__factory.connect(contracts.Consents, runner),
    Records: Records__factory.connect(contracts.Records, runner),
    Summary: Summary__factory.connect(contracts.Summary, runner),
    ChartToken: ChartToken__factory.connect(contracts.ChartToken, runner),
    DataBank: DataBank__factory.connect(contracts.DataBank, runner),
    Studies: Studies__factory.connect(contracts.Studies, runner),
    TransparencyLog: TransparencyLog__factory.connect(contracts.TransparencyLog, runner),
  };
}

export type Contracts = ReturnType<typeof connectContracts>;

/** Every ABI in one, for decoding what a revert says. */
export const CONTRACT_FACTORIES = [
  AccessManager__factory,
  Registrar__factory,
  Delegates__factory,
  PatientProviderRelationships__factory,
  Consents__factory,
  Records__factory,
  Summary__factory,
  ChartToken__factory,
  DataBank__factory,
  Studies__factory,
];
