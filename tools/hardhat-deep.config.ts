import config from "./hardhat-fast.config.js";

/**
 * The project's Hardhat configuration for `npm run test:deep`: the same tests, many more random runs of each. Without the
 * IR pipeline, as always for Solidity tests: with it, compiling them takes longer than running them.
 */
export default {
  ...config,
  test: {
    ...config.test,
    solidity: {
      ...config.test?.solidity,
      fuzz: { runs: 20_000, seed: "0x43686172" },
      invariant: { runs: 512, depth: 256, failOnRevert: true },
    },
  },
};
