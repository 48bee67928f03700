import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Environment } from "../../src/cli/terminal/program.js";
import type { Outcome } from "../helpers/run-here.js";
import { ROOT, startNode, type LocalNode, type NodeOptions } from "./local-node.js";
import { takeStep } from "./take-step.js";

export type { Environment, Outcome };

export const PASSPHRASE = "violet tractor in a kettle";

/** A step as a process of its own: a program, and its arguments. */
export const asProcess = (name: string, args: readonly string[]): [program: string, args: string[]] => [
  process.execPath,
  ["--import", "tsx", join(ROOT, "src", "cli", "main.ts"), ...name.split(" "), ...args],
];

/** Runs a program to its end, as a process of its own. Nothing of the caller's own settings reaches it. */
export async function run(
  program: string,
  args: readonly string[],
  environment: Environment,
  cwd = ROOT,
): Promise<Outcome> {
  const own = Object.entries(process.env).filter(([name]) => !/^(CHARTCHAIN_|FORCE_COLOR$)/.test(name));
  const env = { ...Object.fromEntries(own), NO_COLOR: "1", ...environment };
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** A node, a folder, and steps that are taken against it, in this process unless another one is asked for. */
export interface Stage {
  node: LocalNode;
  folder: string;
  environment: Environment;
  /** Takes a step: a command of chartchain, and its arguments. */
  step(name: string, args: readonly string[], environment?: Environment): Promise<Outcome>;
  /** Takes a step that has to work, with `--json`, and returns what it printed. */
  json<T = Record<string, unknown>>(name: string, args: readonly string[], environment?: Environment): Promise<T>;
  /** Takes a step as a process of its own. */
  process(name: string, args: readonly string[], environment?: Environment): Promise<Outcome>;
  /** A path below the folder. */
  at(...parts: string[]): string;
  close(): Promise<void>;
}

/** Starts a node without contracts, in this process unless `start` does otherwise. */
export async function createStage({
  chainId = 31337,
  start = startNode,
}: { chainId?: number; start?: (options: NodeOptions) => Promise<LocalNode> } = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "chartchain-scripts-"));
  const node = await start({ chainId });
  const environment = {
    HOME: folder,
    CHARTCHAIN_RPC: node.url,
    CHARTCHAIN_DEPLOYMENT: join(folder, "deployments", `${chainId}.json`),
    CHARTCHAIN_PASSPHRASE: PASSPHRASE,
    CHARTCHAIN_TEST_SCRYPT_COST: "10",
    // What is asserted is what is said: a test of its own looks at how it is broken into lines.
    COLUMNS: "1000",
  };
  const stage: Stage = {
    node,
    folder,
    environment,
    step: (name, args, more = {}) => takeStep([...name.split(" "), ...args], { ...environment, ...more }),
    async json<T>(name: string, args: readonly string[], more: Environment = {}): Promise<T> {
      const outcome = await stage.step(name, [...args, "--json"], more);
      if (outcome.code !== 0) throw new Error(`${name} failed: ${outcome.stdout}${outcome.stderr}`);
      return JSON.parse(outcome.stdout) as T;
    },
    process: (name, args, more = {}) => run(...asProcess(name, args), { ...environment, ...more }),
    at: (...parts) => join(folder, ...parts),
    async close() {
      await node.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
