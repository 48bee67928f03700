interface Runs {
  runs: number;
  invariant: { runs: number; depth: number };
}
/** How much the tests in Solidity try; see random-runs.mjs. */
export const RANDOM_RUNS: Record<"default" | "quick" | "deep", Runs>;
