/** The project's Hardhat configuration for `npm run test:deep`: the same tests, many more random runs of each. */
import config from "../hardhat.config.js";

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
