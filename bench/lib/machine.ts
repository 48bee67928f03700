import { availableParallelism, loadavg, totalmem } from "node:os";

/** What the figures depend on. Says nothing of which machine it is. */
export interface Machine {
  platform: string;
  cores: number;
  memoryGiB: number;
  node: string;
  /** How many programs wanted a core when the run began, and when it ended. */
  load: [number, number];
}

/** How many programs want a core, on average over the last minute; 0 where the system does not tell. */
export const currentLoad = (): number => Math.round(loadavg()[0]! * 10) / 10;

export const thisMachine = (loadAtStart: number): Machine => ({
  platform: `${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  load: [loadAtStart, currentLoad()],
});
