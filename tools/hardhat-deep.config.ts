import config from "./hardhat-fast.config.js";
import { DEEP } from "./test/deep.mjs";

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
      fuzz: { runs: DEEP.runs, seed: "0x43686172" },
      invariant: { ...DEEP.invariant, failOnRevert: true },
    },
  },
};
