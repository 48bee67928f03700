import { existsSync } from "node:fs";

import { ChartChainError } from "../../errors/index.js";
import { resolveHome } from "../../vault/node/index.js";
import type { Environment } from "../terminal/program.js";

/**
 * An actor's home folder. One that was named wrongly isn't created.
 *
 * @param named by flag or variable; the person's own one when left out
 * @param create true where a step sets up a new actor
 * @throws HOME_NOT_FOUND, HOME_NOT_PRIVATE, HOME_UNUSABLE
 */
export function homeFolder(
  named: string | undefined,
  environment: Environment,
  { create }: { create: boolean },
): string {
  if (named !== undefined && !create && !existsSync(named)) {
    throw new ChartChainError("HOME_NOT_FOUND", `there is no home folder: ${named}`, {
      details: { path: named },
      hint: "Check --home and CHARTCHAIN_HOME. chartchain account register-provider and chartchain account register-patient make a new one.",
    });
  }
  return resolveHome(named, environment);
}
