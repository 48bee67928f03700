import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { ChartChainError } from "../../src/errors/index.js";
import { parseDeployment, type Deployment } from "../../src/sdk/index.js";
import { allModules } from "../../src/sdk/modules/index.js";
import { readBytes } from "./input-file.js";
import { toJson } from "./json.js";
import { PartialFile } from "./partial-file.js";

const ROOT = join(import.meta.dirname, "..", "..");

/** Where the addresses of a chain's contracts are kept. */
export function deploymentPath(chainId: number, flag: string | undefined): string {
  return resolve(flag ?? join(ROOT, "deployments", `${chainId}.json`));
}

/**
 * Reads a deployment.
 *
 * @throws DEPLOYMENT_NOT_FOUND, DEPLOYMENT_INVALID
 */
export async function readDeployment(path: string): Promise<Deployment> {
  if (!existsSync(path)) {
    throw new ChartChainError("DEPLOYMENT_NOT_FOUND", `there is no deployment: ${path}`, {
      details: { path },
      hint: "Deploy first: npx tsx scripts/deploy.ts. Or name the file with --deployment.",
    });
  }
  let value: unknown;
  try {
    value = JSON.parse((await readBytes(path)).toString("utf8"));
  } catch {
    value = undefined;
  }
  return parseDeployment(value, allModules);
}

/** Keeps a deployment; whoever reads the file meanwhile finds the former one or this one, whole. */
export async function writeDeployment(path: string, deployment: Deployment): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
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
