import type { InterfaceAbi } from "ethers";

import { ChartChainError } from "../errors/index.js";
import {
  CORE_CONTRACTS,
  type Connected,
  type Contracts,
  type ContractTable,
  type ContractsOf,
} from "./chain/contracts.js";
import type { Context } from "./context.js";
import type { DecisionBlocks, HoldBack, Module } from "./module-type.js";
import type { SignedSubject } from "./handover/signed/action.js";

export type { DecisionBlocks, HoldBack, Module };

/** What the actions of a module work with: a client's context, with the module's own contracts. */
export type ModuleContext<Table extends ContractTable = Record<never, never>> = Context & {
  readonly contracts: Contracts & Connected<Table>;
};

/** Verbs by name, each of which takes the context first. */
export type Actions<Table extends ContractTable = never> = {
  readonly [name: string]: (ctx: ModuleContext<Table>, ...input: never[]) => unknown;
};

/**
 * Checks, as it is compiled, that a module needs no other contracts than the core's and its own.
 *
 * @example
 * export const toys = defineModule({ name: "toys", contracts: { Toy: contractKind<Toy>(toyAbi) }, actions: { play } });
 */
export const defineModule = <
  const Table extends ContractTable = Record<never, never>,
  const Verbs extends Actions<Table> = Record<never, never>,
>(
  module: Defined<Table, Verbs>,
) => ({ contracts: {} as Table, actions: {} as Verbs, ...module });

/** A module whose actions and answers fit its contracts. */
interface Defined<Table extends ContractTable, Verbs> {
  readonly name: string;
  readonly contracts?: Table;
  readonly actions?: Verbs;
  readonly signed?: SignedSubject;
  readonly carrying?: readonly string[];
  readonly holdBack?: HoldBack<ModuleContext<Table>>;
}

/** Verbs as a client has them: without the context. */
export type Bound<Verbs> = {
  -readonly [Name in keyof Verbs]: Verbs[Name] extends (ctx: never, ...input: infer Input) => infer Result
    ? (...input: Input) => Result
    : never;
};

/** The verbs of all these modules, bound. */
export type BoundActionsOf<Modules extends readonly Module[]> = Modules extends readonly [
  infer First,
  ...infer Others extends readonly Module[],
]
  ? (First extends { actions?: infer Verbs } ? Bound<Verbs> : unknown) & BoundActionsOf<Others>
  : unknown;

/** What a context has of its modules' contracts. */
export interface WithContractsOf<Modules extends readonly Module[]> {
  readonly contracts: Contracts & ContractsOf<Modules>;
}

/**
 * Makes sure that no two modules, nor one of them and the core, use a name for different things.
 *
 * @param core the names of the core's verbs and of its signed actions
 * @throws MODULES_CLASH
 */
export function requireDistinct(core: { actions: object; signed: object }, modules: readonly Module[]): void {
  const actions = new Map<string, Taken>();
  const contracts = new Map<string, Taken>();
  const signed = new Map<string, Taken>();
  for (const name of Object.keys(core.actions)) take(actions, "action", name, { by: "the core" });
  for (const name of Object.keys(core.signed)) take(signed, "signed action", name, { by: "the core" });
  for (const [name, { abi }] of Object.entries(CORE_CONTRACTS))
    take(contracts, "contract", name, { by: "the core", abi });
  for (const module of modules) {
    const by = module.name;
    for (const name of Object.keys(module.actions ?? {})) take(actions, "action", name, { by });
    for (const name of Object.keys(module.signed?.actions ?? {})) take(signed, "signed action", name, { by });
    for (const [name, { abi }] of Object.entries(module.contracts ?? {}))
      take(contracts, "contract", name, { by, abi });
  }
}

/** Whose name it is, and of a contract also which one: that may be brought twice. */
interface Taken {
  by: string;
  abi?: InterfaceAbi;
}

function take(taken: Map<string, Taken>, what: string, name: string, { by, abi }: Taken): void {
  const other = taken.get(name);
  if (other !== undefined && (abi === undefined || abi !== other.abi)) {
    throw new ChartChainError("MODULES_CLASH", `${other.by} and ${by} both have the ${what} ${name}`, {
      details: { what, name, modules: [other.by, by] },
      hint: "Hand each module in once; where two use a name for different things, leave one of them out.",
    });
  }
  taken.set(name, { by, ...(abi === undefined ? {} : { abi }) });
}
