import {
  Contract,
  EventFragment,
  FunctionFragment,
  Interface,
  JsonRpcApiProvider,
  toQuantity,
  type BaseContract,
  type ContractRunner,
  type InterfaceAbi,
} from "ethers";

// File by file: the index of these types has the bytecode too.
import type { Authority } from "../../../typechain-types/contracts/Authority.js";
import type { Consents } from "../../../typechain-types/contracts/Consents.js";
import type { Delegates } from "../../../typechain-types/contracts/Delegates.js";
import type { PatientProviderRelationships } from "../../../typechain-types/contracts/PatientProviderRelationships.js";
import type { Records } from "../../../typechain-types/contracts/Records.js";
import type { Registrar } from "../../../typechain-types/contracts/Registrar.js";
import type { Summary } from "../../../typechain-types/contracts/Summary.js";
import {
  authorityAbi,
  consentsAbi,
  delegatesAbi,
  patientProviderRelationshipsAbi,
  recordsAbi,
  registrarAbi,
  summaryAbi,
} from "../../abi/index.js";
import { addressOf, type ContractName, type Deployment } from "./deployment.js";

/** A contract that clients speak to: its ABI, and what it is in TypeScript. */
export interface ContractKind<Typed> {
  readonly abi: InterfaceAbi;
  /** Only for its type. */
  readonly typed?: Typed;
}

/**
 * A contract for a {@link ContractTable}.
 *
 * @example
 * const contracts = { Toy: contractKind<Toy>(toyAbi) };
 */
export const contractKind = <Typed extends BaseContract>(abi: InterfaceAbi): ContractKind<Typed> => ({ abi });

/** Contracts by the names that a deployment gives their addresses. */
export type ContractTable = { readonly [name: string]: ContractKind<BaseContract> };

/** The contracts of a table, connected. */
export type Connected<Table extends ContractTable> = {
  readonly [Name in keyof Table]: Table[Name] extends ContractKind<infer Typed> ? Typed : never;
};

/** What brings contracts of its own: a module. */
export interface WithContracts {
  readonly contracts?: ContractTable;
}

/** The contracts that all of these bring. */
export type ContractsOf<Modules extends readonly WithContracts[]> = Modules extends readonly [
  infer First,
  ...infer Others extends readonly WithContracts[],
]
  ? (First extends { contracts?: infer Table extends ContractTable } ? Connected<Table> : unknown) & ContractsOf<Others>
  : unknown;

/** The core's contracts. */
export const CORE_CONTRACTS = {
  Authority: contractKind<Authority>(authorityAbi),
  Registrar: contractKind<Registrar>(registrarAbi),
  Delegates: contractKind<Delegates>(delegatesAbi),
  PatientProviderRelationships: contractKind<PatientProviderRelationships>(patientProviderRelationshipsAbi),
  Consents: contractKind<Consents>(consentsAbi),
  Records: contractKind<Records>(recordsAbi),
  Summary: contractKind<Summary>(summaryAbi),
} satisfies Record<ContractName, ContractKind<BaseContract>>;

/** The core's contracts, typed. */
export type Contracts = Connected<typeof CORE_CONTRACTS>;

/**
 * The deployed contracts, typed: the core's, and those that modules bring.
 *
 * @throws DEPLOYMENT_INVALID when the deployment has no address of one
 *
 * @example
 * const { Registrar, Studies } = connectContracts(deployment, provider, [studies]);
 */
export function connectContracts<const Modules extends readonly WithContracts[] = readonly []>(
  deployment: Deployment,
  runner: ContractRunner,
  modules?: Modules,
): Contracts & ContractsOf<Modules> {
  const tables: ContractTable[] = [CORE_CONTRACTS, ...(modules ?? []).map(({ contracts = {} }) => contracts)];
  const asker = asking(runner);
  const connected = tables.flatMap((table) =>
    Object.entries(table).map(([name, { abi }]): [string, () => BaseContract] => {
      const address = addressOf(deployment, name);
      met.add(abi);
      return [name, () => new Contract(address, interfaceOf(abi), asker)];
    }),
  );
  return whenAsked(Object.fromEntries(connected)) as Contracts & ContractsOf<Modules>;
}

/** What is made when somebody first asks for it, and then stands: most commands need one contract or two. */
export function whenAsked<T>(makers: Readonly<Record<string, () => T>>): Readonly<Record<string, T>> {
  const made: Record<string, T> = {};
  for (const [name, make] of Object.entries(makers)) {
    let one: T | undefined;
    Object.defineProperty(made, name, { enumerable: true, get: () => (one ??= make()) });
  }
  return made;
}

/** The ABIs of the contracts that were connected to in this process. */
const met = new Set<InterfaceAbi>();
const interfaces = new Map<InterfaceAbi, Interface>();

/** An interface takes milliseconds to make: it is made once for all clients. */
function interfaceOf(abi: InterfaceAbi): Interface {
  let made = interfaces.get(abi);
  if (made === undefined) interfaces.set(abi, (made = hashedOnce(new Interface(abi))));
  return made;
}

/** ethers hashes the signatures of functions and events again whenever it writes a call or looks for an event. */
function hashedOnce(abi: Interface): Interface {
  // Not by `forEachFunction`, which sorts them as people do: that loads a language's alphabet.
  for (const each of abi.fragments) {
    if (FunctionFragment.isFragment(each)) once(each, "selector");
    if (EventFragment.isFragment(each)) once(each, "topicHash");
  }
  return abi;
}

/** Has an object find out what it is asked for the first time, and remember it. */
function once<T extends object>(object: T, name: keyof T & string): void {
  let found: T[typeof name] | undefined;
  const find = () => Reflect.get(Object.getPrototypeOf(object) as T, name, object) as T[typeof name];
  Object.defineProperty(object, name, { get: () => (found ??= find()) });
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

/**
 * Of every contract whose errors a client can meet, for decoding what a revert says: the core's, and those of modules that
 * were connected to in this process.
 */
export const contractInterfaces = (): Interface[] =>
  [...new Set([...Object.values(CORE_CONTRACTS).map(({ abi }) => abi), ...met])].map(interfaceOf);
