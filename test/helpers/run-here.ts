import { Readable, Writable } from "node:stream";

import type { Environment, Program, Streams } from "../../src/cli/terminal/program.js";

/** What a program came to. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program in this process, as a shell runs it whose output isn't a terminal. */
export async function runHere(
  program: Program,
  args: readonly string[],
  environment: Environment,
  stdin: Streams["stdin"] = Readable.from([]),
): Promise<Outcome> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const code = await program(args, environment, { stdin, stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Captured extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _: BufferEncoding, written: () => void): void {
    this.#chunks.push(chunk);
    written();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
