/** How much `npm run test:deep` tries: runs of each fuzz test; sequences of each invariant, and calls in each. */
export const DEEP = { runs: 10_000, invariant: { runs: 256, depth: 128 } };
