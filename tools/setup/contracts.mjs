/** Compiles the contracts and generates their types and ABIs, each when it is not to the byte what today's sources give. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";

import { at, contentsOf, digest, filesBelow, NODE, runQuietly, textOf } from "./project.mjs";

const ARTIFACTS_STAMP = ["cache", "chartchain-artifacts"];
const TYPES_STAMP = ["cache", "chartchain-types"];
/** The folders that are made of the artifacts. */
export const GENERATED = ["typechain-types", "src/abi"];
const HARDHAT = at("node_modules", "hardhat", "dist", "src", "cli.js");

/** True when artifacts and types are what {@link buildContracts} made of today's sources. */
export function contractsAreFresh() {
  return textOf(...ARTIFACTS_STAMP) === artifactsStamp() && textOf(...TYPES_STAMP) === typesStamp();
}

/** Builds what is stale. Throws with the compiler's output when it fails, and then leaves the types as they are. */
export async function buildContracts() {
  if (textOf(...ARTIFACTS_STAMP) !== artifactsStamp()) {
    const build = [HARDHAT, "--no-typechain", "build", "--no-tests", "--force"];
    const advice = "Mend the contract that the compiler names above, then run the same command again.";
    // Hardhat leaves what was made of contracts that are gone, and it would get types again.
    rmSync(at("artifacts"), { recursive: true, force: true });
    await runQuietly("Compiling the contracts (about 25 s)", NODE, build, advice);
    mkdirSync(at("cache"), { recursive: true });
    writeFileSync(at(...ARTIFACTS_STAMP), artifactsStamp());
  }
  const advice = "Remove the folders artifacts and cache, then run the same command again.";
  await runQuietly("Generating the contracts' types", NODE, [at("tools", "setup", "generate-types.mjs")], advice);
  await runQuietly("Generating the contracts' ABIs", NODE, [at("tools", "setup", "generate-abis.mjs")], advice);
  writeFileSync(at(...TYPES_STAMP), typesStamp());
}

function artifactsStamp() {
  const inputs = ["hardhat.config.ts", ...filesBelow("contracts")];
  return digest([
    ["packages", packagesThatCompile()],
    ...contentsOf([...inputs, ...filesBelow("artifacts/contracts"), ...filesBelow("artifacts/@openzeppelin")]),
  ]);
}

/** What the lock file says of compiler, build system and libraries: no other package changes what is compiled. */
function packagesThatCompile() {
  const { packages = {} } = JSON.parse(textOf("package-lock.json") ?? "{}");
  return Object.entries(packages)
    .filter(([path]) => /^node_modules\/(hardhat|solc|@nomicfoundation\/[^/]+|@openzeppelin\/[^/]+)$/.test(path))
    .map(([path, { integrity }]) => `${path} ${integrity}`)
    .join("\n");
}

/** Covers the artifacts too: types and ABIs are stale once these are. */
function typesStamp() {
  return digest([["artifacts", artifactsStamp()], ...contentsOf(GENERATED.flatMap(filesBelow))]);
}
