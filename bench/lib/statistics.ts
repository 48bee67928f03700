/** The middle one of the samples, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What part of the samples is shown: the middle half of them, and the two ends. */
export interface Spread {
  median: number;
  min: number;
  lowerQuartile: number;
  upperQuartile: number;
  max: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))]!;
  return { median: median(sorted), min: at(0), lowerQuartile: at(0.25), upperQuartile: at(0.75), max: at(1) };
}

/** The median of each so many samples in a row: what another program does to one sample is not in them. */
export function medians(samples: readonly number[], inARow: number): number[] {
  const count = Math.floor(samples.length / inARow);
  return Array.from({ length: count }, (_, i) => median(samples.slice(i * inARow, (i + 1) * inARow)));
}

/** Each sample of one series divided by the one measured right beside it. */
export const ratios = (samples: readonly number[], beside: readonly number[]): number[] =>
  samples.map((sample, i) => sample / beside[i]!);
