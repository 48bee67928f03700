import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { firstLine, runPatiently } from "./go-program.js";

const TOOL = fileURLToPath(new URL("../../tools/kubo.mjs", import.meta.url));

/** Longest one command may take, in milliseconds. */
const COMMAND_LIMIT = 5 * 60_000;

/** Kubo's own command line over a repository of its own: no daemon, no network, nothing left behind. */
export interface Kubo {
  version: string;
  /** Runs a command and gives what it prints. */
  run(args: string[], input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer>;
  /** The same, as text without the line end. */
  text(args: string[], input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string>;
  remove(): Promise<void>;
}

/** Finds or builds Kubo, and makes a repository with Kubo's profile for IPIP-499; or says in one line why not. */
export async function openKubo(): Promise<Kubo | { reason: string }> {
  const found = await runPatiently(process.execPath, [TOOL], {});
  if (found?.code !== 0) return { reason: whyNot(found?.output ?? "") };
  const binary = found.stdout.trim();
  const repository = await mkdtemp(join(tmpdir(), "chartchain-interop-kubo-"));
  const env = { ...process.env, IPFS_PATH: repository, IPFS_TELEMETRY: "off" };

  async function run(args: string[], input: Parameters<Kubo["run"]>[1] = []): Promise<Buffer> {
    const child = spawn(binary, ["--offline", ...args], { env, stdio: "pipe", timeout: COMMAND_LIMIT });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    const ended = new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`ipfs ${args.join(" ")} ended with ${code}: ${Buffer.concat(errors).toString()}`));
      });
    });
    await Promise.all([pipeline(Readable.from(input), child.stdin), ended]);
    return Buffer.concat(output);
  }

  const text: Kubo["text"] = async (args, input) => (await run(args, input)).toString().trim();
  await run(["init", "--empty-repo", "--profile=unixfs-v1-2025"]);
  const version = await text(["version", "--number"]);
  return { version, run, text, remove: () => rm(repository, { recursive: true }) };
}

/** The tool says it in a line of its own; without that line its build took too long. */
function whyNot(output: string): string {
  return /^No Kubo: (.*)$/m.exec(output)?.[1] ?? `Kubo's build did not end: ${firstLine(output)}`;
}
