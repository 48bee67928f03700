import { Contract, JsonRpcApiProvider, toQuantity, type ContractRunner, type Interface } from "ethers";

import {
  Authority__factory,
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
    Authority: connected(Authority__factory, contracts.Authority, runner),
    Registrar: connected(Registrar__factory, contracts.Registrar, runner),
    Delegates: connected(Delegates__factory, contracts.Delegates, runner),
    PatientProviderRelationships: connected(
      PatientProviderRelationships__factory,
      contracts.PatientProviderRelationships,
      runner,
    ),
    Consents: connected(Consents__factory, contracts.Consents, runner),
    Records: connected(Records__factory, contracts.Records, runner),
    Summary: connected(Summary__factory, contracts.Summary, runner),
    ChartToken: connected(ChartToken__factory, contracts.ChartToken, runner),
    DataBank: connected(DataBank__factory, contracts.DataBank, runner),
    Studies: connected(Studies__factory, contracts.Studies, runner),
    TransparencyLog: connected(TransparencyLog__factory, contracts.TransparencyLog, runner),
  };
}

interface Factory<Typed> {
  createInterface(): Interface;
  connect(address: string, runner: ContractRunner): Typed;
}

const interfaces = new WeakMap<object, Interface>();

/** As the factory connects; but an interface, which takes milliseconds to make, is made once for all clients. */
function connected<Typed>(factory: Factory<Typed>, address: string, runner: ContractRunner): Typed {
  let made = interfaces.get(factory);
  if (made === undefined) interfaces.set(factory, (made = hashedOnce(factory.createInterface())));
  return new Contract(address, made, asking(runner)) as Typed;
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

/** Every ABI in one, for decoding what a revert says. */
export const CONTRACT_FACTORIES = [
  Authority__factory,
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
