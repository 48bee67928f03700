import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { optional } from "./optional.js";

/** Hardhat with the networks of a devnet, whatever configuration lies in the folder that the program runs in. */
export function hardhat(): Promise<HardhatRuntimeEnvironment> {
  return (environment ??= load());
}

let environment: Promise<HardhatRuntimeEnvironment> | undefined;

async function load(): Promise<HardhatRuntimeEnvironment> {
  const { createHardhatRuntimeEnvironment } = await optional("hardhat", () => import("hardhat/hre"));
  const networks = {
    // Without this a burst of transactions pushes the chain's clock ahead, one second for each block.
    node: { type: "edr-simulated", chainType: "l1", chainId: 31337, allowBlocksWithSameTimestamp: true },
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
  } as const;
  return createHardhatRuntimeEnvironment({ networks }, {}, import.meta.dirname);
}
