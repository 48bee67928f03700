import { type SpawnOptions, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this folder's Go modules are, one program each. */
const SOURCES = fileURLToPath(new URL("go/", import.meta.url));
const BINARIES = fileURLToPath(new URL("../../.cache/interop/", import.meta.url));

/** Longest a build or a download may take, in milliseconds. */
export const BUILD_LIMIT = 15 * 60_000;

/**
 * Builds one of the programs in `go/`. Its go.sum pins every dependency, and Go's own cache makes a second build quick.
 *
 * @returns the binary, or in one line why this machine cannot have it: no Go, a Go that is too old, or no registry
 * @throws when the dependencies are at hand and it does not compile, or when one is not what go.sum says
 */
export async function buildGoProgram(name: string): Promise<{ path: string } | { reason: string }> {
  const folder = join(SOURCES, name);
  const download = await go(["mod", "download"], folder);
  if (download === undefined) return { reason: "there is no Go on this machine" };
  if (/checksum mismatch|SECURITY ERROR/i.test(download.output)) throw new Error(download.output);
  if (download.code !== 0) return { reason: `Go cannot fetch its modules: ${firstLine(download.output)}` };

  await mkdir(BINARIES, { recursive: true });
  const path = join(BINARIES, process.platform === "win32" ? `${name}.exe` : name);
  const build = await go(["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", path, "."], folder);
  if (build?.code !== 0) throw new Error(`test/interop/go/${name} does not build:\n${build?.output}`);
  return { path };
}

async function go(args: string[], cwd: string) {
  // Without cgo no C compiler is needed, and what is built is the same everywhere.
  return runPatiently("go", args, { cwd, env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" } });
}

/**
 * Runs a program that may keep the machine busy, behind whatever else runs, for at most {@link BUILD_LIMIT}.
 *
 * @returns undefined when there is no such program
 */
export async function runPatiently(
  command: string,
  args: string[],
  options: SpawnOptions,
): Promise<{ code: number | null; output: string; stdout: string } | undefined> {
  // In a group of its own, so that a compiler that it started ends with it.
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  if (pid !== undefined) lowerPriority(pid);
  const stop = () => endGroup(pid);
  // Node's own `timeout` would leave the group, and where there is no such program also its timer.
  const limit = setTimeout(stop, BUILD_LIMIT);
  process.once("exit", stop);

  const stdout: Buffer[] = [];
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => void (stdout.push(chunk), output.push(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    return { code, output: text(output), stdout: text(stdout) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  } finally {
    clearTimeout(limit);
    process.off("exit", stop);
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system does not allow it: it only runs a little less politely.
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    // Windows has no groups to signal.
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

export function firstLine(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("go: downloading")) ?? "no reason given";
}

const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString();
