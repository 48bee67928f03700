import { endDelegation } from "../../actor/end-delegation.js";
import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";

export default command({
  purpose: "Ends what this participant may do in a patient's place, as the delegate.",
  flags: { patient: required(participant, "in whose place this participant acts no more"), ...ACTOR_FLAGS },
  operand: "patient",
  examples: ["3 --home homes/carol"],
  async run({ patient, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    return await endDelegation(session, { patient, delegate: await session.client.ownId() });
  },
});
