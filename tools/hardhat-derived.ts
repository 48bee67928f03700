import config from "../hardhat.config.js";

interface Compiler {
  settings: object;
}
const { default: shipped } = (
  config.solidity as unknown as {
    profiles: { default: { compilers: [Compiler]; overrides: Record<string, Compiler> } };
  }
).profiles;

/** The project's Hardhat configuration with other settings of the compiler; its artifacts never mix with others. */
export function derived(name: string, settings: object) {
  const other = (compiler: Compiler) => ({ ...compiler, settings: { ...compiler.settings, ...settings } });
  const compilers = {
    compilers: shipped.compilers.map(other),
    overrides: Object.fromEntries(Object.entries(shipped.overrides).map(([file, each]) => [file, other(each)])),
  };
  return {
    ...config,
    solidity: { ...(config.solidity as object), profiles: { default: compilers, production: compilers } },
    paths: { ...config.paths, artifacts: `./.cache/${name}/artifacts`, cache: `./.cache/${name}/cache` },
  };
}
