/** What a figure has to hold. */
export interface Target {
  atLeast?: number;
  atMost?: number;
}

/** One thing that a case measures. */
export interface Figure {
  /** Under this name the program reports its samples. */
  name: string;
  label: string;
  unit: "%" | "×" | "MiB" | "MB/s" | "ms" | "s" | "/s" | "";
  target?: Target;
  /** Which sample the target is held against (default: the median). */
  judgedBy?: "median" | "worst";
}

/** A case, as data. */
export interface Case {
  name: string;
  title: string;
  /** A file of `bench/programs/`, without its ending. */
  program: string;
  /** `built`: compiled to JavaScript first, as the package ships. `tsx`: from the sources, as the scripts run. */
  runtime: "built" | "tsx";
  /** In how many fresh processes, one after the other. */
  processes: number;
  /** What the program is given. */
  input: Readonly<Record<string, number | string>>;
  /** What it is given with `--quick`. */
  quickInput: Readonly<Record<string, number | string>>;
  figures: readonly Figure[];
}

/** What a program reports: samples in the figure's unit, by the figure's name; or why there are none. */
export type Samples = Readonly<Record<string, readonly number[]>>;
export type Report = { samples: Samples } | { skipped: string };
