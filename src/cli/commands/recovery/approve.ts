import { GUARDIAN_FLAGS, takeRecoveryStep } from "../../actor/take-recovery-step.js";
import { command } from "../../line/command.js";
import { approvalOf } from "../../words/recovery-steps.js";

export default command({
  purpose: "Approves, as a guardian, what another one began: that a person gets another account.",
  flags: GUARDIAN_FLAGS,
  operand: "account",
  examples: ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --guardians guardians.json --home homes/dave"],
  run: (flags, talk) =>
    takeRecoveryStep("approve", flags, talk, "if-there", (client, guardians) =>
      approvalOf(client, "approve", guardians!, flags.account),
    ),
});
