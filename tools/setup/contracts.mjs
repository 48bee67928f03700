/**
 * Compiles the contracts and generates their types. Always all of them: the order of the generated files follows the
 * order of compilation, so a partial build would leave other files than the ones that are committed.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";

import { at, contentsOf, digest, filesBelow, NODE, runQuietly, textOf } from "./project.mjs";

const STAMP = ["cache", "chartchain-stamp"];
const TYPES = at("typechain-types");
/** Where the types wait during a build: types of a contract that is gone must not stay, and a failed build keeps all. */
const TYPES_BEFORE = at(".cache", "typechain-types-before");
const HARDHAT = at("node_modules", "hardhat", "dist", "src", "cli.js");

/** True when artifacts and types are, to the byte, what the last build made of today's sources. */
export function contractsAreFresh() {
  return textOf(...STAMP) === stamp();
}

/** Builds everything. Throws with the compiler's output when it fails. */
export function buildContracts() {
  const build = [HARDHAT, "build", "--no-tests", "--force"];
  const advice = "Mend the contract that the compiler names above, then run the same command again.";
  rmSync(TYPES_BEFORE, { recursive: true, force: true });
  if (existsSync(TYPES)) renameSync(TYPES, TYPES_BEFORE);
  try {
    runQuietly("Compiling the contracts (about 25 s)", NODE, build, advice);
  } catch (error) {
    rmSync(TYPES, { recursive: true, force: true });
    if (existsSync(TYPES_BEFORE)) renameSync(TYPES_BEFORE, TYPES);
    throw error;
  }
  rmSync(TYPES_BEFORE, { recursive: true, force: true });
  mkdirSync(at("cache"), { recursive: true });
  writeFileSync(at(...STAMP), stamp());
}

function stamp() {
  const inputs = ["package-lock.json", "hardhat.config.ts", ...filesBelow("contracts")];
  const outputs = ["artifacts/contracts", "artifacts/@openzeppelin", "typechain-types"].flatMap(filesBelow);
  return digest(contentsOf([...inputs, ...outputs]));
}
