/** What the compiler asks for when a contract imports something from a package. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../setup/project.mjs";

/** @param {string} path such as `@openzeppelin/contracts/token/ERC20/ERC20.sol`. */
export function fromPackages(path) {
  try {
    return { contents: readFileSync(join(ROOT, "node_modules", path), "utf8") };
  } catch {
    return { error: `${path} is missing` };
  }
}
