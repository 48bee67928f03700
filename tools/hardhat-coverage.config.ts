import { derived } from "./hardhat-derived.js";

const coverage = derived("coverage", { viaIR: false });

/**
 * For the contracts' coverage. Without the IR pipeline, which takes many times as long over instrumented contracts; with the
 * whole optimizer, without which some of the marks are lost. Without the tests in Solidity, which would be compiled and
 * not run.
 */
export default { ...coverage, paths: { ...coverage.paths, tests: { mocha: "./test", solidity: "./contracts/mocks" } } };
