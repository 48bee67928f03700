/** The project's Hardhat configuration for measuring coverage: instrumented artifacts never mix with the real ones. */
import config from "../hardhat.config.js";

export default {
  ...config,
  paths: { ...config.paths, artifacts: "./.cache/coverage/artifacts", cache: "./.cache/coverage/cache" },
};
