import type { Case, Figure, Report, Target } from "./case.js";
import { spreadOf, type Spread } from "./statistics.js";

/** A figure as it came out. */
export interface FigureResult extends Spread {
  name: string;
  label: string;
  unit: Figure["unit"];
  samples: number;
  target?: Target;
  /** Only where there is a target. */
  met?: boolean;
}

/** A case as it came out. */
export interface CaseResult {
  name: string;
  title: string;
  figures: FigureResult[];
  /** Why nothing was measured. */
  skipped?: string;
}

/** Joins what the processes of a case reported and holds it against the targets. */
export function judge({ name, title, figures }: Case, reports: readonly Report[]): CaseResult {
  const skipped = reports.find((report) => "skipped" in report)?.skipped;
  if (skipped !== undefined) return { name, title, figures: [], skipped };
  return {
    name,
    title,
    figures: figures.map((figure) => {
      const samples = reports.flatMap((report) => ("samples" in report ? (report.samples[figure.name] ?? []) : []));
      return judgeFigure(figure, samples);
    }),
  };
}

function judgeFigure({ name, label, unit, target, judgedBy }: Figure, samples: readonly number[]): FigureResult {
  const spread = spreadOf(samples);
  const result = { name, label, unit, samples: samples.length, ...rounded(spread) };
  if (target === undefined) return result;
  const { atLeast = -Infinity, atMost = Infinity } = target;
  const [lowest, highest] = judgedBy === "worst" ? [spread.min, spread.max] : [spread.median, spread.median];
  return { ...result, target, met: lowest >= atLeast && highest <= atMost };
}

function rounded(spread: Spread): Spread {
  const { median, min, lowerQuartile, upperQuartile, max } = spread;
  const round = (value: number) => Number(value.toPrecision(4));
  return {
    median: round(median),
    min: round(min),
    lowerQuartile: round(lowerQuartile),
    upperQuartile: round(upperQuartile),
    max: round(max),
  };
}
