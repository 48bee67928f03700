import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("./vault-worker.ts", import.meta.url));

// Reading a vault's file in the process that has it open would drop that process's lock; so another one searches.
const SEARCH = `
  const { readdirSync, readFileSync } = require("node:fs");
  const { join } = require("node:path");
  const { directory, needles } = JSON.parse(readFileSync(0, "utf8"));
  const files = readdirSync(directory).map((name) => readFileSync(join(directory, name)));
  const found = needles.map((hex) => {
    const needle = Buffer.from(hex, "hex");
    const step = Math.min(16, needle.length);
    for (let at = 0; at + step <= needle.length; at += step) {
      if (files.some((file) => file.includes(needle.subarray(at, at + step)))) return true;
    }
    return false;
  });
  console.log(JSON.stringify(found));
`;

/**
 * Which of the byte strings can be found, whole or any aligned 16 bytes of them, in any file of a directory: database,
 * write-ahead log, journal or whatever else lies there.
 */
export function findBytes(directory: string, needles: Uint8Array[]): boolean[] {
  const input = JSON.stringify({ directory, needles: needles.map((needle) => Buffer.from(needle).toString("hex")) });
  const output = execFileSync(process.execPath, ["-e", SEARCH], { input, encoding: "utf8" });
  return JSON.parse(output) as boolean[];
}

/** How a worker may be started. */
export interface WorkerLimits {
  /** Cap on the size of the files it may write, in units of 512 bytes. */
  blocks?: number;
  /** User to run as; only root may choose. */
  uid?: number;
}

/** A worker process and the lines that it has printed so far. */
export interface Worker {
  process: ChildProcess;
  lines: string[];
  /** Resolves once it has printed this many lines; fails when it ends before. */
  printed(count: number): Promise<void>;
  /** Resolves with its lines when it has ended well; fails otherwise. */
  done(): Promise<string[]>;
  /** Kills it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Kills the workers that a failed test left, which would keep the test run from ending. */
export function killWorkers(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** The command that starts `vault-worker.ts` in a role on a directory. */
export const commandOf = (role: string, directory: string): string[] => [
  ...[process.execPath, "--import=tsx", WORKER],
  ...[role, directory],
];

/** Starts `vault-worker.ts` in a role on a directory. */
export function startWorker(role: string, directory: string, { blocks, uid }: WorkerLimits = {}): Worker {
  const command = commandOf(role, directory);
  const limited = ["sh", "-c", `ulimit -f ${blocks} && exec "$@"`, "sh", ...command];
  const [file = "", ...rest] = blocks === undefined ? command : limited;
  const user = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "inherit"], ...user });
  running.add(child);
  child.once("close", () => running.delete(child));
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
        if (!Array.isArray(step) && lines.length < count) throw new Error(`ended early: ${JSON.stringify(step)}`);
      }
    },
    async done() {
      const { code, signal } = await ended;
      if (code !== 0) throw new Error(`the worker ${role} ended with ${code ?? signal}`);
      return lines;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
