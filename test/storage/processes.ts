import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("./store-worker.ts", import.meta.url));

/** A worker process and the lines it has printed so far. */
export interface Worker {
  process: ChildProcess;
  lines: string[];
  /** Resolves once it has printed this many lines; fails if it ends before. */
  printed(count: number): Promise<void>;
  /** Resolves when it has ended well; fails otherwise. */
  done(): Promise<void>;
  /** Kills it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts `store-worker.ts` in a role. `limitBlocks` caps the size of files it may write, in units of 512 bytes. */
export function startWorker(args: string[], limitBlocks?: number): Worker {
  const command = [process.execPath, "--import=tsx", WORKER, ...args];
  const limited = ["sh", "-c", `ulimit -f ${limitBlocks} && exec "$@"`, "sh", ...command];
  const [file = "", ...rest] = limitBlocks === undefined ? command : limited;
  // Coverage of a killed process is torn, and spoils what is measured of this one.
  const env = { ...process.env, NODE_V8_COVERAGE: undefined };
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "inherit"], env });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close").then(([code, signal]) => ({ code: code as number, signal: signal as string }));

  return {
    process: child,
    lines,
    async printed(count) {
      while (lines.length < count) {
        const step = await Promise.race([once(reader, "line"), ended]);
        if (!Array.isArray(step) && lines.length < count)
          throw new Error(`worker ended early: ${JSON.stringify(step)}`);
      }
    },
    async done() {
      const { code, signal } = await ended;
      if (code !== 0) throw new Error(`worker ${args.join(" ")} ended with ${code ?? signal}`);
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
