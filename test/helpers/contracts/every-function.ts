import { FunctionFragment, type Interface, type ParamType } from "ethers";

import { digestOf, type World } from "./world.js";

export type ContractName =
  | "Registrar"
  | "Delegates"
  | "PatientProviderRelationships"
  | "Consents"
  | "Records"
  | "Summary"
  | "TransparencyLog"
  | "DataBank"
  | "ChartToken"
  | "Studies";

interface Callable {
  interface: Interface;
  getAddress(): Promise<string>;
}

/** Every contract that a participant's account may call, by its name. */
export const contractsOf = (world: World): Record<ContractName, Callable> => ({
  Registrar: world.registrar,
  Delegates: world.delegates,
  PatientProviderRelationships: world.relationships,
  Consents: world.consents,
  Records: world.records,
  Summary: world.summary,
  TransparencyLog: world.transparencyLog,
  DataBank: world.dataBank,
  ChartToken: world.chartToken,
  Studies: world.studies,
});

/** The functions of a contract that change something. */
export const writesOf = (contract: Callable): string[] =>
  contract.interface.fragments
    .filter((fragment) => FunctionFragment.isFragment(fragment))
    .flatMap((fragment) => (fragment.constant ? [] : [fragment.name]));

/** Who stands for whom among arguments that are made up. */
export interface Cast {
  /** Whoever signs, is named or is paid. */
  account: string;
  patient: bigint;
  child: bigint;
}

/** Arguments of the right types for any function. */
export const argumentsFor = (inputs: readonly ParamType[], cast: Cast): unknown[] =>
  inputs.map((input) => valueOf(input, cast));

function valueOf(input: ParamType, cast: Cast): unknown {
  if (input.baseType === "array") return [];
  if (input.baseType === "tuple") {
    return Object.fromEntries(input.components!.map((each) => [each.name, valueOf(each, cast)]));
  }
  if (input.type === "address") return cast.account;
  if (input.type === "bool") return true;
  if (input.type === "string") return "a name";
  if (input.type === "bytes") return `0x${"11".repeat(65)}`;
  if (input.type === "bytes32") return digestOf("anything");
  if (input.type === "uint40") return input.name === "child" ? cast.child : cast.patient;
  if (input.name === "deadline") return 2n ** 48n - 1n;
  if (input.type.startsWith("uint")) return 1n;
  throw new Error(`no value for ${input.format("full")}`);
}

/** What a call answers: `ok`, or the name of the error that it reverts with. */
export async function answerOf(world: World, contract: Callable, from: string, data: string): Promise<string> {
  try {
    await world.provider.call({ from, to: await contract.getAddress(), data });
    return "ok";
  } catch (error) {
    const { data: reason } = error as { data?: string };
    if (reason === undefined) throw error;
    const errors = Object.values(contractsOf(world)).map((each) => each.interface.parseError(reason));
    return errors.find((parsed) => parsed !== null)?.name ?? reason;
  }
}
