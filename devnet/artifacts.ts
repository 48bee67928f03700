import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import type { Artifact, ArtifactResolver } from "@nomicfoundation/ignition-core";

import { ChartChainError } from "../src/errors/index.js";

/** Where the compiled contracts are: in a clone where Hardhat leaves them, in the package where its build puts them. */
const FOLDER = join(import.meta.dirname, "..", "artifacts", "contracts");

/**
 * The compiled contracts, by name.
 *
 * @throws ARTIFACTS_MISSING, as what it returns does
 */
export async function compiledContracts(): Promise<ArtifactResolver> {
  const files = await readdir(FOLDER, { recursive: true }).catch((cause: unknown) => {
    throw missing("the contracts aren't compiled", cause);
  });
  const paths = new Map(files.map((file) => [basename(file, ".json"), join(FOLDER, file)]));
  return {
    async loadArtifact(name) {
      const path = paths.get(name);
      if (path === undefined) throw missing(`contract ${name} isn't compiled`);
      return JSON.parse(await readFile(path, "utf8")) as Artifact;
    },
    getBuildInfo: async () => undefined,
  };
}

const missing = (message: string, cause?: unknown) =>
  new ChartChainError("ARTIFACTS_MISSING", message, { hint: "Compile them: npx hardhat build.", cause });
