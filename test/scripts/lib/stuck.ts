/** A step that is stuck: it reads a pipe to which nobody writes, as one on a folder of another machine may be. */
import { readFile } from "node:fs/promises";

import { step } from "../../../scripts/lib/command.js";
import { file } from "../../../scripts/lib/flag-kinds.js";
import { required, toggle } from "../../../scripts/lib/flags.js";
import { watchForInterrupt } from "../../../scripts/lib/interrupt.js";

export default step(import.meta, {
  name: "stuck",
  purpose: "Reads a pipe.",
  flags: { input: required(file, "the pipe"), watched: toggle("stop in good order") },
  examples: ["--input pipe"],
  async run({ input, watched }, talk) {
    using interrupt = watched ? watchForInterrupt(talk) : undefined;
    const reading = readFile(input);
    talk.note("reading");
    return { data: { read: (await reading).length, aborted: interrupt?.signal.aborted }, text: "read" };
  },
});
