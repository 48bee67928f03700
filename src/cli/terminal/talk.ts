import type { Environment, Streams } from "./program.js";

/** How a step speaks to whoever runs it, besides its result. */
export interface Talk {
  /** Somebody sits at a terminal and can answer. */
  readonly interactive: boolean;
  /** Standard output is for a program. */
  readonly json: boolean;
  /** The variables that are set; an empty one isn't. */
  readonly environment: Environment;
  readonly streams: Streams;
  /** Says something on the way, on standard error; nothing with `--json`. */
  note(text: string): void;
}
