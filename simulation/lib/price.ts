import { id } from "ethers";

import { createBank } from "./chain.js";

/** What one deposit earns, by how many there are in a season. */
export interface Price {
  deposits: number;
  /** In units of 10^-18. */
  price: bigint;
}

const COUNTS = [
  1_000, 3_000, 10_000, 30_000, 60_000, 80_000, 100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000, 2_000_000,
  5_000_000, 10_000_000,
];
/** The most that one steward may confirm. */
const EACH = 1_000_000;

/** Asks the contract, one season for each number of deposits. */
export async function priceCurve(): Promise<Price[]> {
  const stewards = Math.max(...COUNTS) / EACH;
  const chain = await createBank({ stewards, years: 3 });
  try {
    await chain.fund(Array.from({ length: stewards }, () => EACH));
    const prices: Price[] = [];
    for (const [season, deposits] of COUNTS.entries()) {
      await chain.toSeason(season + 1);
      let left = deposits;
      for (const { signer } of chain.institutions) {
        const count = Math.min(left, EACH);
        if (count > 0) await chain.bank.connect(signer).confirmSeason(season, id("a batch"), count);
        left -= count;
      }
      prices.push({
        deposits: Number(await chain.bank.depositsOf(season)),
        price: await chain.bank.interestOf(season),
      });
    }
    return prices;
  } finally {
    await chain.close();
  }
}
