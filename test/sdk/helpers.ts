import { expect } from "chai";

import { ChartChainError, type ErrorCode } from "../../src/errors/index.js";
import type { Devnet } from "../../devnet/index.js";

/** Expects a `ChartChainError` with this code and a hint, and gives it back. */
export async function expectCode(
  code: ErrorCode,
  action: Promise<unknown> | (() => unknown),
): Promise<ChartChainError> {
  let thrown: unknown;
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `nothing was thrown, ${code} expected`).to.be.instanceOf(ChartChainError);
  const error = thrown as ChartChainError;
  expect(error.code, error.message).to.equal(code);
  expect(error.hint, `the hint of ${code}`).to.be.a("string");
  expect(() => JSON.stringify(error)).not.to.throw();
  return error;
}

/** What came of an action: `done`, or the code of what was thrown. */
export const outcomeOf = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => "done",
    (error: ChartChainError) => error.code ?? String(error),
  );

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (content: Uint8Array): string => new TextDecoder().decode(content);

/** The chain's time in seconds, and some. */
export async function inFuture(world: Devnet, seconds: number): Promise<number> {
  return (await world.now()) + seconds;
}

export const HOUR = 3600;

/** The calendar year of the chain's time, in UTC. */
export async function thisYear(world: Devnet): Promise<number> {
  return new Date((await inFuture(world, 0)) * 1000).getUTCFullYear();
}

/** Takes out of a Hardhat chain what `work` put there, as a reorganisation does; the chain is as long as before. */
export async function reorganised(world: Devnet, work: () => Promise<unknown>): Promise<void> {
  const snapshot: unknown = await world.provider.send("evm_snapshot", []);
  await work();
  const height = await world.provider.getBlockNumber();
  await world.provider.send("evm_revert", [snapshot]);
  await mine(world, height - (await world.provider.getBlockNumber()));
}

/** Mines empty blocks on a Hardhat chain. */
export const mine = (world: Devnet, blocks: number): Promise<unknown> =>
  world.provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]);
