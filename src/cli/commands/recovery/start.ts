import { GUARDIAN_FLAGS, takeRecoveryStep } from "../../actor/take-recovery-step.js";
import { command } from "../../line/command.js";
import { approvalOf } from "../../words/recovery-steps.js";

export default command({
  purpose:
    "Begins, as a guardian, to give a person another account whose key was lost or stolen; that is also the first approval. Once enough guardians approved, a delay passes in which the person may veto and nothing increases.",
  flags: GUARDIAN_FLAGS,
  operand: "account",
  examples: ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --guardians guardians.json --home homes/carol"],
  run: (flags, talk) =>
    takeRecoveryStep("start", flags, talk, "if-there", (client, guardians) =>
      approvalOf(client, "start", guardians!, flags.account),
    ),
});
