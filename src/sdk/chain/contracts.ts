import { Contract, Interface, JsonRpcApiProvider, toQuantity, type ContractRunner, type InterfaceAbi } from "ethers";

// File by file: the index of these types has the bytecode too.
import type { Authority } from "../../../typechain-types/contracts/Authority.js";
import type { ChartToken } from "../../../typechain-types/contracts/modules/data-bank/ChartToken.js";
import type { Consents } from "../../../typechain-types/contracts/Consents.js";
import type { DataBank } from "../../../typechain-types/contracts/modules/data-bank/DataBank.js";
import type { Delegates } from "../../../typechain-types/contracts/Delegates.js";
import type { PatientProviderRelationships } from "../../../typechain-types/contracts/PatientProviderRelationships.js";
import type { Records } from "../../../typechain-types/contracts/Records.js";
import type { Registrar } from "../../../typechain-types/contracts/Registrar.js";
import type { Studies } from "../../../typechain-types/contracts/modules/studies/Studies.js";
import type { Summary } from "../../../typechain-types/contracts/Summary.js";
import type { TransparencyLog } from "../../../typechain-types/contracts/modules/transparency-log/TransparencyLog.js";
import {
  authorityAbi,
  chartTokenAbi,
  consentsAbi,
  dataBankAbi,
  delegatesAbi,
  patientProviderRelationshipsAbi,
  recordsAbi,
  registrarAbi,
  studiesAbi,
  summaryAbi,
  transparencyLogAbi,
} from "../../abi/index.js";
import type { Deployment } from "./deployment.js";

/** The deployed contracts, typed. */
export function connectContracts({ contracts }: Deployment, runner: ContractRunner) {
  return {
    Authority: connected<Authority>(authorityAbi, contracts.Authority, runner),
    Registrar: connected<Registrar>(registrarAbi, contracts.Registrar, runner),
    Delegates: connected<Delegates>(delegatesAbi, contracts.Delegates, runner),
    PatientProviderRelationships: connected<PatientProviderRelationships>(
      patientProviderRelationshipsAbi,
      contracts.PatientProviderRelationships,
      runner,
    ),
    Consents: connected<Consents>(consentsAbi, contracts.Consents, runner),
    Records: connected<Records>(recordsAbi, contracts.Records, runner),
    Summary: connected<Summary>(summaryAbi, contracts.Summary, runner),
    ChartToken: connected<ChartToken>(chartTokenAbi, contracts.ChartToken, runner),
    DataBank: connected<DataBank>(dataBankAbi, contracts.DataBank, runner),
    Studies: connected<Studies>(studiesAbi, contracts.Studies, runner),
    TransparencyLog: connected<TransparencyLog>(transparencyLogAbi, contracts.TransparencyLog, runner),
  };
}

const connected = <Typed>(abi: InterfaceAbi, address: string, runner: ContractRunner): Typed =>
  new Contract(address, interfaceOf(abi), asking(runner)) as Typed;

const interfaces = new Map<InterfaceAbi, Interface>();

/** An interface takes milliseconds to make: it is made once for all clients. */
function interfaceOf(abi: InterfaceAbi): Interface {
  let made = interfaces.get(abi);
  if (made === undefined) interfaces.set(abi, (made = hashedOnce(new Interface(abi))));
  return made;
}

/** ethers hashes the signatures of functions and events again whenever it writes a call or looks for an event. */
function hashedOnce(abi: Interface): Interface {
  abi.forEachFunction((each) => Object.defineProperty(each, "selector", { value: each.selector }));
  abi.forEachEvent((each) => Object.defineProperty(each, "topicHash", { value: each.topicHash }));
  return abi;
}

/**
 * A runner that asks what it is told to, of a node: an account first has ethers find out who asks, which no view looks at, and
 * a provider what the target's name and the chain are, which stand.
 */
function asking(runner: ContractRunner): ContractRunner {
  const { provider } = runner;
  if (!(provider instanceof JsonRpcApiProvider)) return runner;
  const own = (name: "sendTransaction" | "estimateGas" | "resolveName") => runner[name]?.bind(runner) as never;
  return {
    provider,
    sendTransaction: own("sendTransaction"),
    estimateGas: own("estimateGas"),
    resolveName: own("resolveName"),
    call: ({ to, from, data, blockTag = "latest" }) => {
      const at = typeof blockTag === "string" ? blockTag : toQuantity(blockTag);
      return provider.send("eth_call", [{ to, data, ...(from && { from }) }, at]) as Promise<string>;
    },
  };
}

export type Contracts = ReturnType<typeof connectContracts>;

const ABIS: InterfaceAbi[] = [
  authorityAbi,
  registrarAbi,
  delegatesAbi,
  patientProviderRelationshipsAbi,
  consentsAbi,
  recordsAbi,
  summaryAbi,
  chartTokenAbi,
  dataBankAbi,
  studiesAbi,
];

/** Of every contract whose errors a client can meet, for decoding what a revert says. */
export const contractInterfaces = (): Interface[] => ABIS.map(interfaceOf);
