import { command } from "../../../src/cli/line/command.js";
import { start } from "../../../src/cli/terminal/program.js";
import { asProgram } from "../../helpers/as-program.js";

/** A step that says what stands further below in its own file. */
export default start(
  import.meta,
  asProgram(
    "late-words",
    command({
      purpose: "Says its words.",
      flags: {},
      examples: [""],
      run: () => Promise.resolve({ data: WORDS, text: WORDS }),
    }),
  ),
);

const WORDS = "said from below";
