import { STEP_FLAGS, takeRecoveryStep } from "../../actor/take-recovery-step.js";
import { command } from "../../line/command.js";
import { file } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { vetoOf } from "../../words/recovery-steps.js";

export default command({
  purpose:
    "Stops, as the person, a recovery that nobody asked for. It counts once: the guardians go on only with one approval more and twice the delay, and nothing stops that.",
  flags: {
    guardians: optional(file, "the guardians' file (the one in the vault)"),
    ...STEP_FLAGS,
  },
  examples: ["--home homes/alice"],
  run: (flags, talk) => takeRecoveryStep("veto", flags, talk, "open", vetoOf),
});
