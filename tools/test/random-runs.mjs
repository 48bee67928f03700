/**
 * How much the tests in Solidity try: runs of each fuzz test; sequences of each invariant, and calls in each. `default`
 * where one file runs alone and where mutants are judged, `quick` for every change, `deep` before a release.
 */
export const RANDOM_RUNS = {
  default: { runs: 256, invariant: { runs: 64, depth: 64 } },
  quick: { runs: 64, invariant: { runs: 32, depth: 32 } },
  deep: { runs: 10_000, invariant: { runs: 256, depth: 128 } },
};
