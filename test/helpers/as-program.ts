import type { Command } from "../../src/cli/line/command.js";
import type { Flags } from "../../src/cli/line/flags.js";
import { runCommand } from "../../src/cli/line/run-command.js";
import { withoutEmpty, type Program } from "../../src/cli/terminal/program.js";

/** A command by itself, as if it stood in the list under this name. */
export const asProgram =
  <F extends Flags>(name: string, command: Command<F>): Program =>
  (args, environment, streams) =>
    runCommand(name, command, args, withoutEmpty(environment), streams);
