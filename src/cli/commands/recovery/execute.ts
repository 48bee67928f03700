import { GUARDIANS, STEP_FLAGS, takeRecoveryStep } from "../../actor/take-recovery-step.js";
import { command } from "../../line/command.js";
import { executionOf } from "../../words/recovery-steps.js";

export default command({
  purpose:
    "Takes over with the new account, once the delay is over. Every former account is dead then, everything granted has ended, and of what is seen in an emergency SUMMARY and MEDICATION are left at most; relationships stay.",
  flags: { guardians: GUARDIANS, ...STEP_FLAGS },
  operand: "guardians",
  examples: ["guardians.json --home homes/alice-again"],
  run: (flags, talk) =>
    takeRecoveryStep("execute", flags, talk, "open", (client, guardians) => executionOf(client, guardians!)),
});
