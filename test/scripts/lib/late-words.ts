import { step } from "../../../scripts/lib/command.js";

/** A step that says what stands further below in its own file. */
export default step(import.meta, {
  name: "late-words",
  purpose: "Says its words.",
  flags: {},
  examples: [""],
  run: () => Promise.resolve({ data: WORDS, text: WORDS }),
});

const WORDS = "said from below";
