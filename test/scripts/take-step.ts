import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";

import type { Environment, Program, Streams } from "../../scripts/lib/program.js";
import { runHere, type Outcome } from "../helpers/run-here.js";

/**
 * Takes the step of a script in this process. Nothing of this process's own settings reaches it.
 *
 * @returns what it came to, without colours: whether there are any depends on what the tests themselves print on
 */
export async function takeStep(
  script: string,
  args: readonly string[],
  environment: Environment,
  stdin?: Streams["stdin"],
): Promise<Outcome> {
  const { default: step } = (await import(pathToFileURL(script).href)) as { default: Program };
  const { code, stdout, stderr } = await runHere(step, args, environment, stdin);
  return { code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}
