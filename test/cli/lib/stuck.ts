/** A step that is stuck: it reads a pipe to which nobody writes, as one on a folder of another machine may be. */
import { readFile } from "node:fs/promises";

import { command } from "../../../src/cli/line/command.js";
import { file } from "../../../src/cli/line/flag-kinds.js";
import { required, toggle } from "../../../src/cli/line/flags.js";
import { watchForInterrupt } from "../../../src/cli/terminal/interrupt.js";
import { start } from "../../../src/cli/terminal/program.js";
import { asProgram } from "../../helpers/as-program.js";

export default start(
  import.meta,
  asProgram(
    "stuck",
    command({
      purpose: "Reads a pipe.",
      flags: { input: required(file, "the pipe"), watched: toggle("stop in good order") },
      examples: ["--input pipe"],
      async run({ input, watched }, talk) {
        using interrupt = watched ? watchForInterrupt(talk) : undefined;
        const reading = readFile(input);
        talk.note("reading");
        return { data: { read: (await reading).length, aborted: interrupt?.signal.aborted }, text: "read" };
      },
    }),
  ),
);
