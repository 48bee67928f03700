import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { ChartChainError } from "../../errors/index.js";
import { parseDeployment, type Deployment, type Module } from "../../sdk/index.js";
import { readBytes } from "../files/input-file.js";
import { dataHome } from "../../vault/node/index.js";
import type { Environment } from "../terminal/program.js";
import { toJson } from "../terminal/json.js";
import { PartialFile } from "../files/partial-file.js";

/**
 * Where the addresses of a chain's contracts are kept.
 *
 * @param named by flag or variable; a file in the person's data folder when left out
 */
export const deploymentPath = (chainId: number | string, named: string | undefined, environment: Environment): string =>
  resolve(named ?? join(dataHome(environment), "chartchain", "deployments", `${chainId}.json`));

/**
 * Reads a deployment.
 *
 * @param modules whose contracts have to be named besides the core's; every module's when left out
 * @throws DEPLOYMENT_NOT_FOUND, DEPLOYMENT_INVALID
 */
export async function readDeployment(path: string, modules?: readonly Module[]): Promise<Deployment> {
  if (!existsSync(path)) {
    throw new ChartChainError("DEPLOYMENT_NOT_FOUND", `there is no deployment: ${path}`, {
      details: { path },
      hint: "Deploy first: chartchain network deploy. Or name the file with --deployment.",
    });
  }
  let value: unknown;
  try {
    value = JSON.parse((await readBytes(path)).toString("utf8"));
  } catch {
    value = undefined;
  }
  return parseDeployment(value, modules ?? (await everyModule()));
}

/** Loaded when they are asked for: a command that reads the core alone starts sooner without. */
export const everyModule = async (): Promise<readonly Module[]> =>
  (await import("../../sdk/modules/index.js")).allModules;

/** Keeps a deployment; whoever reads the file meanwhile finds the former one or this one, whole. */
export async function writeDeployment(path: string, deployment: Deployment): Promise<void> {
  try {
    // The folder of deployments lies in the usual home, which has to be its owner's alone.
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await using partial = await PartialFile.beside(path);
    await writeFile(partial.path, `${toJson(deployment)}\n`);
    await rename(partial.path, path);
  } catch (cause) {
    throw new ChartChainError("FILE_UNWRITABLE", `the file can't be written: ${path}`, {
      details: { path, reason: (cause as NodeJS.ErrnoException).code },
      hint: "Check that its folder exists, is yours to write and has room.",
      cause,
    });
  }
}
