/** How much `npm run test:deep` tries; see deep.mjs. */
export const DEEP: { runs: number; invariant: { runs: number; depth: number } };
