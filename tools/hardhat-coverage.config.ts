import config from "./hardhat-fast.config.js";

/** The project's Hardhat configuration for measuring coverage: instrumented artifacts never mix with others. */
export default {
  ...config,
  paths: { ...config.paths, artifacts: "./.cache/coverage/artifacts", cache: "./.cache/coverage/cache" },
};
