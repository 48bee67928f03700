import config from "../hardhat.config.js";

const { default: shipped } = (config.solidity as unknown as { profiles: { default: { settings: object } } }).profiles;

// Without the IR pipeline, which takes many times as long over tests and instrumented contracts. The tests in TypeScript,
// gas among them, run on what is shipped; so does `npm run test:deep`.
const fast = { ...shipped, settings: { ...shipped.settings, viaIR: false } };

/** The project's Hardhat configuration for Solidity tests; its artifacts never mix with the real ones. */
export default {
  ...config,
  solidity: { ...(config.solidity as object), profiles: { default: fast, production: fast } },
  paths: { ...config.paths, artifacts: "./.cache/fast/artifacts", cache: "./.cache/fast/cache" },
};
