import { fork, spawnSync } from "node:child_process";
import { join } from "node:path";

import type { Case, Report } from "./case.js";

const ROOT = join(import.meta.dirname, "..", "..");
const BUILT = join(ROOT, "node_modules", ".cache", "chartchain-bench");
const LIMIT_MS = 300_000;

/** Compiles the programs that run as the package ships, and what they import. */
export function buildPrograms(): void {
  const compiler = join(ROOT, "node_modules", "typescript", "lib", "tsc.js");
  const args = [compiler, "-p", join(ROOT, "bench", "tsconfig.built.json"), "--outDir", BUILT];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the programs do not compile:\n${stdout}`);
}

/** Runs a case's program once, in a process of its own. */
export async function runProgram({ program, runtime }: Case, input: Case["input"]): Promise<Report> {
  const built = runtime === "built";
  const file = built
    ? join(BUILT, "bench", "programs", `${program}.js`)
    : join(ROOT, "bench", "programs", `${program}.ts`);
  const child = fork(file, [JSON.stringify(input)], {
    cwd: ROOT,
    execArgv: ["--no-warnings", ...(built ? [] : ["--import", "tsx"])],
    timeout: LIMIT_MS,
  });
  return new Promise((resolve, reject) => {
    let report: Report | undefined;
    child.on("message", (message) => {
      report = message as Report;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0 && report !== undefined) resolve(report);
      else reject(new Error(`${program} ended with ${signal ?? `code ${code}`}`));
    });
  });
}
