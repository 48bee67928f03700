import { availableParallelism, totalmem } from "node:os";

/** What the figures depend on. Says nothing of which machine it is. */
export interface Machine {
  platform: string;
  cores: number;
  memoryGiB: number;
  node: string;
}

export const thisMachine = (): Machine => ({
  platform: `${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
});
