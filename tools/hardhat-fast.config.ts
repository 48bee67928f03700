import config from "../hardhat.config.js";

interface Compiler {
  settings: object;
}
const { default: shipped } = (
  config.solidity as unknown as {
    profiles: { default: { compilers: [Compiler]; overrides: Record<string, Compiler> } };
  }
).profiles;

// Without the IR pipeline, which takes many times as long over tests and instrumented contracts. The tests in TypeScript,
// gas among them, run on what is shipped.
const withoutIr = (compiler: Compiler) => ({ ...compiler, settings: { ...compiler.settings, viaIR: false } });
const fast = {
  compilers: shipped.compilers.map(withoutIr),
  overrides: Object.fromEntries(Object.entries(shipped.overrides).map(([file, each]) => [file, withoutIr(each)])),
};

/** The project's Hardhat configuration for Solidity tests; its artifacts never mix with the real ones. */
export default {
  ...config,
  solidity: { ...(config.solidity as object), profiles: { default: fast, production: fast } },
  paths: { ...config.paths, artifacts: "./.cache/fast/artifacts", cache: "./.cache/fast/cache" },
};
