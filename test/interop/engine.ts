import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { BUILD_LIMIT, buildGoProgram } from "./go-program.js";
import type { Ledger } from "./ledger.js";

interface Answer {
  result?: unknown;
  refused?: string;
  fault?: string;
}

/**
 * A library in Go that runs as a process beside the test, see `go/peer`. Byte arrays travel as base64.
 *
 * It ends when its input is closed, therefore also when this process is killed.
 */
export class Engine {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (reason: Error) => void }[] = [];

  constructor(path: string) {
    this.#process = spawn(path, { stdio: "pipe" });
    const said: string[] = [];
    this.#process.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    // A write to a process that has ended; its end is reported below.
    this.#process.stdin.on("error", () => undefined);
    createInterface({ input: this.#process.stdout }).on("line", (line) =>
      this.#waiting.shift()?.resolve(JSON.parse(line) as Answer),
    );
    this.#process.on("close", (code) => {
      for (const { reject } of this.#waiting) reject(new Error(`${path} ended with ${code}:\n${said.join("")}`));
    });
  }

  /**
   * Asks and gives the answer.
   *
   * @throws when the library refuses, or the request makes no sense to it
   */
  async ask<Result>(operation: string, request: object = {}): Promise<Result> {
    const { result, refused } = await this.#send(operation, request);
    if (refused !== undefined) throw new Error(`${operation} was refused: ${refused}`);
    return result as Result;
  }

  /** {@link ask} for an answer that is a byte string. */
  async askBytes(operation: string, request: object = {}): Promise<Uint8Array> {
    // Go writes a list of nothing as null.
    return fromBase64((await this.ask<string | null>(operation, request)) ?? "");
  }

  /** True when the library refuses, false when it answers. */
  async refuses(operation: string, request: object): Promise<boolean> {
    return (await this.#send(operation, request)).refused !== undefined;
  }

  /** The modules that the program was built from, and Go under `go`. */
  async versions(): Promise<Record<string, string>> {
    return this.ask("versions");
  }

  close(): void {
    this.#process.stdin.end();
  }

  async #send(operation: string, request: object): Promise<Answer> {
    const line = JSON.stringify({ Operation: operation, Arguments: wire(request) });
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${line}\n`);
    });
    if (answer.fault !== undefined) throw new Error(`${operation} makes no sense to the engine: ${answer.fault}`);
    return answer;
  }
}

/** Builds and starts a program of `go/`, or says in one line why there is none. */
export async function startEngine(program: string): Promise<Engine | { reason: string }> {
  const built = await buildGoProgram(program);
  return "path" in built ? new Engine(built.path) : built;
}

/**
 * {@link startEngine} for a suite, which is skipped with the reason in sight when this machine has no such engine.
 *
 * @param module whose version goes into the table; Go's own when left out
 */
export async function engineFor(suite: Mocha.Context, program: string, ledger: Ledger, module = "go"): Promise<Engine> {
  suite.timeout(2 * BUILD_LIMIT);
  const engine = await startEngine(program);
  if ("reason" in engine) {
    skipSuite(suite, ledger, engine.reason);
    throw new Error("unreachable: a skipped hook has thrown");
  }
  const version = (await engine.versions())[module];
  if (version === undefined) throw new Error(`the program was built without ${module}`);
  ledger.version(version.replace(/^go/, ""));
  return engine;
}

/** Skips a suite and shows why. */
export function skipSuite(suite: Mocha.Context, ledger: Ledger, reason: string): void {
  console.log(`    skipped: ${reason}`);
  ledger.skip(reason);
  suite.skip();
}

export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

/** As JSON carries it: byte arrays in base64, lists and maps likewise inside. */
function wire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, wire(held)]));
}
