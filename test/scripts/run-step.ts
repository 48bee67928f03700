import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROOT, startNode, type LocalNode } from "./local-node.js";

export const PASSPHRASE = "correct horse battery staple";

/** What a process came to. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export type Environment = Record<string, string>;

/** Runs a program to its end. Nothing of the caller's own settings reaches it. */
export async function run(program: string, args: readonly string[], environment: Environment): Promise<Outcome> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CHARTCHAIN_")));
  const env = { ...inherited, NO_COLOR: "1", ...environment };
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { cwd: ROOT, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** A node, a folder, and steps that run as processes of their own against it. */
export interface Stage {
  node: LocalNode;
  folder: string;
  environment: Environment;
  /** Runs a step: its name and arguments as on a command line. */
  step(name: string, args: readonly string[], environment?: Environment): Promise<Outcome>;
  /** Runs a step that has to work, with `--json`, and returns what it printed. */
  json<T = Record<string, unknown>>(name: string, args: readonly string[], environment?: Environment): Promise<T>;
  /** A path below the folder. */
  at(...parts: string[]): string;
  close(): Promise<void>;
}

/** Starts a node without contracts. */
export async function createStage(chainId = 31337): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "chartchain-scripts-"));
  const node = await startNode({ chainId });
  const environment = {
    HOME: folder,
    CHARTCHAIN_RPC: node.url,
    CHARTCHAIN_DEPLOYMENT: join(folder, "deployments", `${chainId}.json`),
    CHARTCHAIN_PASSPHRASE: PASSPHRASE,
    CHARTCHAIN_TEST_SCRYPT_COST: "10",
  };
  const stage: Stage = {
    node,
    folder,
    environment,
    step: (name, args, more = {}) =>
      run(process.execPath, ["--import", "tsx", join(ROOT, "scripts", `${name}.ts`), ...args], {
        ...environment,
        ...more,
      }),
    async json<T>(name: string, args: readonly string[], more: Environment = {}): Promise<T> {
      const outcome = await stage.step(name, [...args, "--json"], more);
      if (outcome.code !== 0) throw new Error(`${name} failed: ${outcome.stdout}${outcome.stderr}`);
      return JSON.parse(outcome.stdout) as T;
    },
    at: (...parts) => join(folder, ...parts),
    async close() {
      await node.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
