import { AsyncLocalStorage } from "node:async_hooks";
import { realpathSync } from "node:fs";

import { isNodeBefore, OLDEST_NODE } from "../../errors/index.js";
import { removePartialFiles } from "../files/partial-file.js";

/** The variables that a program is given. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a program writes; on a terminal it knows how wide that is. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a program reads from and writes to. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Calls the listener for each interrupt, until what it gives is disposed of. Without a listener an interrupt ends all. */
  readonly onInterrupt?: (listener: () => void) => Disposable;
  /** Calls it before an interrupt ends the process at once, until what it gives is disposed of: for last words. */
  readonly beforeEnd?: (last: () => void) => Disposable;
}

/** All that a person can start here, as a function of what he or she gave it. Returns the exit code. */
export type Program = (args: readonly string[], environment: Environment, streams: Streams) => Promise<number>;

/** Whether a file is the one that this process was started with, and not imported by another. */
export const isStarted = ({ main, filename }: ImportMeta): boolean =>
  // Node knows it from 24.2 on.
  main ?? (process.argv[1] !== undefined && realpathSync(process.argv[1]) === filename);

/** Runs a program when its file is the one that was started. */
export function start(meta: ImportMeta, program: Program): Program {
  // Once the file is there as a whole: what stands further below in it exists by then.
  if (isStarted(meta)) queueMicrotask(() => void runAsProcess(program));
  return program;
}

/** Variables without those that are empty. */
export const withoutEmpty = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));

/** Runs a program as the whole of this process. Under a Node that is too old it only says so. */
export async function runAsProcess(program: Program): Promise<void> {
  if (isNodeBefore(OLDEST_NODE)) {
    const is = process.versions.node;
    console.error(
      `chartchain needs Node ${OLDEST_NODE} or later, and this is ${is}: install a newer one (NODE_TOO_OLD).`,
    );
    process.exitCode = 1;
    return;
  }
  quieten();
  const signals = watchSignals();
  // `… | head` closes our output early: no reason for a stack trace, nor for leaving half of the work undone.
  for (const output of [process.stdout, process.stderr]) {
    output.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  const { stdin, stdout, stderr } = process;
  process.exitCode = await program(process.argv.slice(2), process.env, { stdin, stdout, stderr, ...signals });
}

/** What a terminal sends for Ctrl-C, and what a service manager sends. */
const INTERRUPTS = ["SIGINT", "SIGTERM"] as const;

/** Whoever starts us may pass a terminal's signal on a second time: only later ones say that somebody has no patience. */
const SAME_PRESS_MS = 1_000;

/** Listens for signals as long as the process runs: the first stops in good order who watches, any later one ends it. */
function watchSignals(): Required<Pick<Streams, "onInterrupt" | "beforeEnd">> {
  const [listeners, lasts] = [new Set<() => void>(), new Set<() => void>()];
  let first: number | undefined;
  const interrupted = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (first === undefined ? listeners.size === 0 : now - first > SAME_PRESS_MS) endAtOnce(signal, lasts);
    first ??= now;
    for (const listener of listeners) listener();
  };
  for (const signal of INTERRUPTS) process.on(signal, interrupted);
  const into = (calls: Set<() => void>) => (call: () => void) => {
    // It speaks for the command that was run, wherever a signal comes in.
    const bound = AsyncLocalStorage.bind(call);
    calls.add(bound);
    return { [Symbol.dispose]: () => void calls.delete(bound) };
  };
  return { onInterrupt: into(listeners), beforeEnd: into(lasts) };
}

/**
 * Lets the signal do what it does to a program that knows nothing of it, after the last words. Not process.exit(): that waits
 * for reads under way, and one from a pipe or from a folder of another machine may never end.
 */
function endAtOnce(signal: NodeJS.Signals, lasts: ReadonlySet<() => void>): void {
  // A bar has hidden the cursor, and ^C stands where the words would begin.
  if (process.stderr.isTTY) process.stderr.write("\x1b[?25h\n");
  for (const last of lasts) last();
  removePartialFiles();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/**
 * Node announces with a warning that its ML-KEM is young, once for each algorithm. That belongs into our documentation
 * and not between a person and the result. To be called in the very turn in which the cryptography is loaded, so before
 * anything is awaited.
 */
export function quieten(): void {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") console.error(`${warning.name}: ${warning.message}`);
  });
}
