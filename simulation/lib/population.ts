import { Random } from "./random.js";

/** What happens to the bank; everything else is the same. */
export interface Scenario {
  name: string;
  /** Identities that a colluding clinic makes up, and confirms as far as its budget goes. */
  fakes: number;
  /** In which season the authority finds out: strikes what it still can, and sets the clinic's budget to 0. */
  foundIn?: number;
}

/** A made-up or real person who may deposit. */
export interface Depositor {
  /** From 0. */
  index: number;
  fake: boolean;
  /** Whose stewards hold the records: numbers of stewards, from 0. */
  stewards: readonly number[];
}

/** One patient's data with one steward in one season, however many records it was. */
export interface Deposit {
  depositor: Depositor;
  steward: number;
}

export interface World {
  depositors: readonly Depositor[];
  /** The deposits of each season. */
  seasons: readonly (readonly Deposit[])[];
  /** What the authority allows each steward in a season. */
  budgets: readonly number[];
  /** The last steward colludes, where somebody does. */
  colluding: number;
}

export interface PopulationOptions {
  patients: number;
  stewards: number;
  seasons: number;
  seed: number;
  scenario: Scenario;
}

/** What a clinic may confirm that nobody suspects: as many deposits as one of its size needs. */
const CLINIC_BUDGET = 500;

/**
 * Patients who join over the first two years, each with one steward or two, each more or less often ill, some of whom
 * leave. Assumed, not measured: docs/guides/incentive.md says so.
 */
export function populationOf({ patients, stewards, seasons, seed, scenario }: PopulationOptions): World {
  const random = new Random(seed);
  const colluding = stewards - 1;
  // Some hospitals are large, most clinics are small.
  const weights = Array.from({ length: colluding }, (_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pick = () => {
    let left = random.next() * total;
    const found = weights.findIndex((weight) => (left -= weight) < 0);
    return found < 0 ? 0 : found;
  };

  const people = Array.from({ length: patients }, (_, index) => {
    const home = pick();
    const second = random.chance(0.3) ? pick() : home;
    return {
      depositor: { index, fake: false, stewards: [...new Set([home, second])] },
      joins: random.below(24),
      leaves: random.chance(0.1) ? random.below(seasons) : seasons,
      attendance: random.between(0.3, 0.95),
    };
  });
  const fakes = Array.from({ length: scenario.fakes }, (_, index) => ({
    ...{ index: patients + index, fake: true, stewards: [colluding] },
  }));

  const all: Deposit[][] = [];
  for (let season = 0; season < seasons; season++) {
    const deposits: Deposit[] = [];
    for (const { depositor, joins, leaves, attendance } of people) {
      for (const steward of depositor.stewards) {
        const comes = random.chance(attendance);
        if (comes && season >= joins && season < leaves) deposits.push({ depositor, steward });
      }
    }
    // Always the same ones: who comes without a break gets the bonus.
    const busy = scenario.foundIn === undefined || season < scenario.foundIn;
    if (busy) {
      for (const depositor of fakes.slice(0, CLINIC_BUDGET)) deposits.push({ depositor, steward: colluding });
    }
    all.push(deposits);
  }

  const budgets = Array.from({ length: stewards }, (_, steward) =>
    steward === colluding
      ? CLINIC_BUDGET
      : Math.max(...all.map((deposits) => deposits.filter((each) => each.steward === steward).length), 1),
  );
  return { depositors: [...people.map(({ depositor }) => depositor), ...fakes], seasons: all, budgets, colluding };
}
