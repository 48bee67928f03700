import type { BaseContract, Provider, Signer } from "ethers";

import { whenAsked } from "./contracts.js";
import { translate } from "./errors.js";
import { patiently } from "./patience.js";

/** How a method is asked: `once` for what must not be asked twice; `events` for what a node may limit by number of blocks. */
type Manner = "again" | "events" | "once";

/**
 * What may be asked twice of a provider. Not among them is `getTransactionReceipt`: whoever waits for one asks at a pace of its
 * own.
 */
const ASKED_AGAIN: Record<string, Manner> = {
  ...Object.fromEntries(
    [
      ...["getBlockNumber", "getNetwork", "getFeeData", "getBalance", "getTransactionCount", "getCode", "getStorage"],
      ...["estimateGas", "call", "getBlock", "getTransaction", "broadcastTransaction"],
    ].map((name) => [name, "again"]),
  ),
  getLogs: "events",
};

/** JSON-RPC methods that change nothing, or the same bytes twice into the same thing. */
const READS = /^(eth_(?!sendTransaction$|sign)|net_|web3_)/;

/** What was guarded is given back guarded once: queues and caches are kept by it. */
const guards = new WeakMap<object, object>();
const origins = new WeakMap<object, object>();

/** What {@link guardSigner} and its like stand before; anything else is given back as it is. */
export const unguarded = <T extends object>(guarded: T): T => (origins.get(guarded) ?? guarded) as T;

/**
 * A provider whose every error is a `ChartChainError`, and which is asked again where it may answer in a moment. Whatever the
 * SDK asks a node goes through one, so that no line has to translate what the node throws.
 *
 * @throws whatever it is asked: a contract's own error by its code; ARGUMENT_INVALID, NO_FUNDS, RATE_LIMITED,
 *   CHAIN_UNREACHABLE, CHAIN_CALL_FAILED
 *
 * @example
 * const provider = guardProvider(await connect("http://127.0.0.1:8545"));
 * await provider.getBlockNumber();
 */
export const guardProvider = <T extends Provider>(provider: T): T =>
  guarded(provider, (name, [method]) => {
    if (name === "send") return READS.test(String(method)) ? "again" : "once";
    return Object.hasOwn(ASKED_AGAIN, name) ? ASKED_AGAIN[name]! : "once";
  });

/** An account whose every error is a `ChartChainError`. It is asked once: a person may stand behind it. */
export const guardSigner = <T extends Signer>(signer: T): T => guarded(signer, () => "once");

/** Contracts as {@link guardProvider} guards a provider: calls that only read are asked again, as are those that only try. */
export const guardContracts = <T extends Record<string, unknown>>(contracts: T): T =>
  whenAsked(
    Object.fromEntries(
      Object.keys(contracts).map((name) => [name, () => guardContract(contracts[name] as BaseContract)]),
    ),
  ) as T;

/** See {@link guardContracts}. */
export const guardContract = <T extends BaseContract>(contract: T): T =>
  guarded(contract, (name, _, method) => {
    if (name === "queryFilter") return "events";
    const { fragment } = method as { fragment?: { constant: boolean } };
    return fragment?.constant === true ? "again" : "once";
  });

/** What a contract's function can do besides being called, without sending anything. */
const TRIALS = ["staticCall", "staticCallResult", "estimateGas", "populateTransaction"];

function guarded<T extends object>(
  target: T,
  mannerOf: (name: string, args: readonly unknown[], method: object) => Manner,
): T {
  if (origins.has(target)) return target;
  const known = guards.get(target);
  if (known !== undefined) return known as T;
  const guard = new Proxy(target, {
    get(_, name) {
      // By the object itself: it has private fields.
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function" || typeof name === "symbol" || name === "constructor") return value;
      // What can't be changed has to be given as it is.
      if (Reflect.getOwnPropertyDescriptor(target, name)?.configurable === false) return value;
      const method = value as Method;
      const ask: Method = (...args) =>
        answered(() => Reflect.apply(method, target, args), mannerOf(name, args, method));
      return "staticCall" in method ? new Proxy(ask, { get: (_, key) => trialOf(method, key) }) : ask;
    },
  });
  guards.set(target, guard);
  origins.set(guard, target);
  return guard;
}

/** A part of a contract's function: what only tries something is asked again. */
function trialOf(method: Method, key: string | symbol): unknown {
  const part: unknown = Reflect.get(method, key, method);
  if (typeof part !== "function" || !TRIALS.includes(String(key))) return part;
  return (...args: unknown[]) => answered(() => (part as Method)(...args), "again");
}

type Method = (...args: unknown[]) => unknown;

/** What a method gives back; where it promises something, with its errors translated, and asked again where that may help. */
function answered(ask: () => unknown, manner: Manner): unknown {
  const first = ask();
  if (!(first instanceof Promise)) return first;
  let next: unknown = first;
  const again = (): Promise<unknown> => {
    const now = next ?? ask();
    next = undefined;
    return now as Promise<unknown>;
  };
  const answer = manner === "once" ? first : patiently(again, manner === "events" ? manner : undefined);
  return answer.catch((error: unknown) => {
    throw translate(error);
  });
}
