/**
 * Compiles the contracts and generates their types. Always all of them: the order of the generated files follows the
 * order of compilation, so a partial build would leave other files than the ones that are committed.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";

import { at, contentsOf, digest, filesBelow, NODE, runQuietly, textOf } from "./project.mjs";

const STAMP = ["cache", "chartchain-stamp"];
const TYPES = "typechain-types";
const HARDHAT = at("node_modules", "hardhat", "dist", "src", "cli.js");

/** True when artifacts and types are, to the byte, what the last build made of today's sources. */
export function contractsAreFresh() {
  return textOf(...STAMP) === stamp();
}

/** Builds everything. Throws with the compiler's output when it fails. */
export function buildContracts() {
  const build = [HARDHAT, "build", "--no-tests", "--force"];
  const advice = "Mend the contract that the compiler names above, then run the same command again.";
  const started = Date.now();
  runQuietly("Compiling the contracts (about 25 s)", NODE, build, advice);
  // The build writes the types of every contract anew; what it did not write belongs to a contract that is gone. File
  // systems keep coarser times than the clock, hence the second.
  for (const file of filesBelow(TYPES)) if (statSync(at(file)).mtimeMs < started - 1000) rmSync(at(file));
  mkdirSync(at("cache"), { recursive: true });
  writeFileSync(at(...STAMP), stamp());
}

function stamp() {
  const inputs = ["package-lock.json", "hardhat.config.ts", ...filesBelow("contracts")];
  const outputs = ["artifacts/contracts", "artifacts/@openzeppelin", TYPES].flatMap(filesBelow);
  return digest(contentsOf([...inputs, ...outputs]));
}
