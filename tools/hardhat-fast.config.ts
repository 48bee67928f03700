import config from "../hardhat.config.js";

interface Compiler {
  settings: object;
}
const { default: shipped } = (
  config.solidity as unknown as {
    profiles: { default: { compilers: [Compiler]; overrides: Record<string, Compiler> } };
  }
).profiles;

// Without the IR pipeline and without the slowest steps of the optimizer, with which compiling the tests takes several times
// as long as running them. The tests in TypeScript, gas among them, run on what is shipped.
const optimizer = {
  enabled: true,
  details: { inliner: false, deduplicate: false, cse: false, constantOptimizer: false, yul: true },
};
const quick = (compiler: Compiler) => ({ ...compiler, settings: { ...compiler.settings, viaIR: false, optimizer } });
const fast = {
  compilers: shipped.compilers.map(quick),
  overrides: Object.fromEntries(Object.entries(shipped.overrides).map(([file, each]) => [file, quick(each)])),
};

/** The project's Hardhat configuration for Solidity tests; its artifacts never mix with the real ones. */
export default {
  ...config,
  solidity: { ...(config.solidity as object), profiles: { default: fast, production: fast } },
  paths: { ...config.paths, artifacts: "./.cache/fast/artifacts", cache: "./.cache/fast/cache" },
};
