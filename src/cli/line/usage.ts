import { ChartChainError } from "../../errors/index.js";

/** The code of every error that is about the command line itself: the process then exits with 2, not 1. */
export const BAD_USAGE = "BAD_USAGE";

/** An error about the command line. */
export const badUsage = (message: string, hint = "Run it with --help to see what it takes."): ChartChainError =>
  new ChartChainError(BAD_USAGE, message, { hint });
