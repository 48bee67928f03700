import { fileURLToPath } from "node:url";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig, overrideTask } from "hardhat/config";

import { RANDOM_RUNS } from "./tools/test/random-runs.mjs";

const compiler = (runs: number) => ({
  version: "0.8.37",
  // The compiler comes from npm, so that a closed network can build too.
  path: fileURLToPath(import.meta.resolve("solc/soljson.js")),
  settings: {
    evmVersion: "prague",
    optimizer: { enabled: true, runs },
    viaIR: true,
  },
});

const solidity = {
  compilers: [compiler(1_000_000)],
  // With more runs they outgrow the 24,576 bytes that a contract may have (EIP-170).
  overrides: {
    "contracts/Registrar.sol": compiler(100),
    "contracts/Consents.sol": compiler(5_000),
    "contracts/modules/studies/Studies.sol": compiler(10_000),
  },
};

const tries = (profile: keyof typeof RANDOM_RUNS) => ({
  fuzz: { runs: RANDOM_RUNS[profile].runs, seed: "0x43686172" },
  invariant: { ...RANDOM_RUNS[profile].invariant, failOnRevert: true },
});

/**
 * `hardhat node` listens on every interface inside a container, and everybody knows the keys of its accounts. Here it
 * listens on this machine alone, unless --hostname says otherwise.
 */
const node = overrideTask("node")
  .setInlineAction(({ hostname, ...args }, _, runSuper) =>
    runSuper({ ...args, hostname: (hostname as string | undefined) ?? "127.0.0.1" }),
  )
  .build();

export default defineConfig({
  tasks: [node],
  plugins: [hardhatToolboxMochaEthers],
  solidity: {
    // One build serves tests, the local chain and a real one: the gas that is measured is the gas that is paid.
    profiles: { default: solidity, production: solidity },
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
  },
  networks: {
    // Without this a burst of transactions pushes a local chain's clock ahead, one second for each block.
    default: { type: "edr-simulated", chainType: "l1", allowBlocksWithSameTimestamp: true },
    node: { type: "edr-simulated", chainType: "l1", chainId: 31337, allowBlocksWithSameTimestamp: true },
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
  },
  typechain: { outDir: "./typechain-types" },
  paths: { tests: { mocha: "./test", solidity: "./test" } },
  test: {
    // `hardhat test solidity --test-profile quick`
    solidity: { profiles: { default: tries("default"), quick: tries("quick"), deep: tries("deep") } },
    mocha: { timeout: 120_000 },
  },
});
