import { derived } from "./hardhat-derived.js";

/**
 * For the contracts' coverage. Without the IR pipeline, which takes many times as long over instrumented contracts; with the
 * whole optimizer, without which some of the marks are lost.
 */
export default derived("coverage", { viaIR: false });
