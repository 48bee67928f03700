/** How long it takes, in milliseconds. */
export async function timed(run: () => unknown): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** The rate in MB/s (10⁶ bytes) at which it gets through so many bytes. */
export async function rate(bytes: number, run: () => unknown): Promise<number> {
  return bytes / 1_000 / (await timed(run));
}

/** How much processor time this process spends on it, in milliseconds: the same however busy the machine is. */
export async function processorTime(run: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
