import { stripVTControlCharacters } from "node:util";

import { chartchain } from "../../src/cli/chartchain.js";
import type { Environment, Streams } from "../../src/cli/terminal/program.js";
import { runHere, type Outcome } from "../helpers/run-here.js";

/**
 * Takes a step in this process. Nothing of this process's own settings reaches it.
 *
 * @param args as on a command line: `consent grant --viewer 2`
 * @returns what it came to, without colours: whether there are any depends on what the tests themselves print on
 */
export async function takeStep(
  args: readonly string[],
  environment: Environment,
  stdin?: Streams["stdin"],
): Promise<Outcome> {
  const { code, stdout, stderr } = await runHere(chartchain, args, environment, stdin);
  return { code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}
