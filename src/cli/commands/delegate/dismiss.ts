import { endDelegation } from "../../actor/end-delegation.js";
import { openSession } from "../../actor/session.js";
import { OutputFile } from "../../files/output-file.js";
import { signedAction } from "../../files/signed-file.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";

export default command({
  purpose:
    "Ends a delegate's powers, or, while its notice runs, what a court announced. What the delegate granted stays until it is revoked.",
  flags: {
    delegate: required(participant, "who acts no more"),
    sign: optional(file, "send nothing: write the signed dismissal here, for somebody else to relay"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "delegate",
  examples: ["5 --home homes/alice"],
  async run({ delegate, sign, ...flags }, talk) {
    await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client } = session;
    if (output !== undefined)
      return await signedAction(session, output, await client.signDismissDelegate({ delegate }));
    return await endDelegation(session, { patient: await client.ownId(), delegate });
  },
});
