import { existsSync } from "node:fs";

import { ChartChainError } from "../../src/errors/index.js";
import { resolveHome } from "../../src/vault/index.js";
import { variable } from "./common-flags.js";

/**
 * An actor's home folder. One that was named wrongly isn't created.
 *
 * @param create true where a step sets up a new actor
 * @throws HOME_NOT_FOUND, HOME_NOT_PRIVATE, HOME_UNUSABLE
 */
export function homeFolder(flag: string | undefined, { create }: { create: boolean }): string {
  const named = flag ?? variable("CHARTCHAIN_HOME");
  if (named !== undefined && !create && !existsSync(named)) {
    throw new ChartChainError("HOME_NOT_FOUND", `there is no home folder: ${named}`, {
      details: { path: named },
      hint: "Check --home and CHARTCHAIN_HOME. register-provider and register-patient make a new one.",
    });
  }
  return resolveHome(flag);
}
