import type { Price } from "./price.js";
import type { Outcome, Season } from "./simulate.js";
import { picture } from "./plot.js";

/** In whole tokens. */
export const tokens = (amount: bigint): number => Number(amount / 10n ** 12n) / 1e6;

const millions = (value: number): string => (value === 0 ? "0" : `${value / 1e6} M`);
const BLUE = "#1f6fb2";
const GREEN = "#2e8b57";
const RED = "#c0392b";
const GREY = "#7a8794";

/** Round numbers for an axis: its end, in units of a power of ten, and into how many steps it falls. */
const ENDS = [
  [1, 5],
  [1.5, 3],
  [2, 4],
  [3, 3],
  [4, 4],
  [5, 5],
  [6, 6],
  [8, 4],
  [10, 5],
] as const;

/** A round number at or above a value, and the steps to it. */
function ticksTo(value: number): { to: number; ticks: number[] } {
  const unit = 10 ** Math.floor(Math.log10(value));
  const [end, steps] = ENDS.find(([each]) => each * unit >= value)!;
  return { to: end * unit, ticks: Array.from({ length: steps + 1 }, (_, i) => (i * end * unit) / steps) };
}

/** What there was after each season, from nothing on. */
const running = (outcome: Outcome, amount: (season: Season) => bigint): [number, number][] => [
  [0, 0],
  ...outcome.seasons.map((season, i): [number, number] => [i + 1, tokens(amount(season))]),
];

/** The outcomes as one picture. */
export function drawBank(outcomes: readonly Outcome[], prices: readonly Price[], years: number): string {
  const [honest, unnoticed, found] = outcomes as [Outcome, Outcome, Outcome];
  const seasons = honest.seasons.length;
  const season = {
    title: "seasons, of 30 days each",
    from: 0,
    to: seasons,
    ticks: Array.from({ length: Math.floor(seasons / 12) + 1 }, (_, i) => i * 12),
  };
  const supply = running(honest, ({ vested, vesting }) => vested + vesting);
  const free = running(honest, ({ vested }) => vested);
  const rewards = honest.rewards.map(tokens);
  const most = ticksTo(Math.max(...rewards));
  const bars = 30;
  const width = most.to / bars;
  const histogram = Array.from({ length: bars }, (_, i) => {
    const from = i * width;
    return [from, rewards.filter((reward) => reward >= from && reward < from + width).length] as const;
  });
  const bound = tokens(unnoticed.bound);
  const highest = ticksTo(bound);
  const whole = ticksTo(supply.at(-1)![1]);
  const tallest = ticksTo(Math.max(...histogram.map(([, count]) => count)));
  return picture(`The Data Bank over ${years} years, ${honest.rewards.length.toLocaleString("en-US")} patients`, [
    {
      title: "What was credited",
      note: `The schedule would have allowed ${millions(Math.round(tokens(honest.seasons.reduce((sum, { emission }) => sum + emission, 0n))))} CHART.`,
      x: season,
      y: { title: "CHART", from: 0, to: whole.to, ticks: whole.ticks, show: millions },
      lines: [
        { name: "credited", colour: BLUE, points: supply },
        { name: "of that vested", colour: GREEN, dashed: true, points: free },
      ],
    },
    {
      title: "What a deposit earns, by how many there are",
      note: "Asked of the contract, season by season; without the bonus for deposits in a row.",
      x: {
        ...{ title: "deposits in one season", from: 1e3, to: 1e7, ticks: [1e3, 1e4, 1e5, 1e6, 1e7], logarithmic: true },
        show: (value) => value.toLocaleString("en-US"),
      },
      y: { title: "CHART a deposit", from: 0, to: 125, ticks: [0, 25, 50, 75, 100, 125] },
      lines: [
        { name: "one deposit", colour: BLUE, points: prices.map(({ deposits, price }) => [deposits, tokens(price)]) },
      ],
    },
    {
      title: "What the patients earned",
      note: `Everybody's total after ${years} years.`,
      x: { title: "CHART", from: 0, to: most.to, ticks: most.ticks, show: (value) => value.toLocaleString("en-US") },
      y: { title: "patients", from: 0, to: tallest.to, ticks: tallest.ticks },
      bars: { width, colour: BLUE, points: histogram },
    },
    {
      title: `What ${unnoticed.scenario.fakes.toLocaleString("en-US")} fakes and a colluding clinic earned`,
      note: "Only the clinic's budget bounds it, not the number of fakes.",
      x: season,
      y: { title: "CHART", from: 0, to: highest.to, ticks: highest.ticks, show: millions },
      lines: [
        {
          name: "the bound: budget × 125 CHART × seasons",
          colour: GREY,
          dashed: true,
          points: [
            [0, 0],
            [seasons, bound],
          ],
        },
        { name: "never found", colour: RED, points: running(unnoticed, ({ fakes }) => fakes) },
        {
          name: `found in season ${found.scenario.foundIn}`,
          colour: BLUE,
          points: running(found, ({ fakes }) => fakes),
        },
      ],
    },
  ]);
}
