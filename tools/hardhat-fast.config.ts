import { derived } from "./hardhat-derived.js";

// Without the IR pipeline and without the slowest steps of the optimizer, with which compiling the tests takes several times
// as long as running them. The tests in TypeScript, gas among them, run on what is shipped.
const optimizer = {
  enabled: true,
  details: { inliner: false, deduplicate: false, cse: false, constantOptimizer: false, yul: true },
};

/** For the tests in Solidity. */
export default derived("fast", { viaIR: false, optimizer });
