import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { studyNumber } from "../../words/study-in-words.js";
import { done, facts, gas } from "../../terminal/tables.js";

export default command({
  purpose:
    "Says, as a patient and within seven days, that a steward's receipt is wrong: nobody is paid for that delivery, the patient neither, unless the steward answers and it is decided otherwise.",
  flags: {
    study: required(studyNumber, "which study"),
    sign: optional(file, "send nothing: write the signed dispute here, for somebody else to relay"),
    yes: toggle("don't ask"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: ["1 --home homes/alice"],
  async run({ study, ...flags }, talk) {
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    await confirm(talk, "Dispute the delivery? Then you aren't paid for it, and don't take part any more.", flags.yes);
    if (output !== undefined) return await signedAction(session, output, await client.signDisputeDelivery({ study }));
    const { receipt } = await client.disputeDelivery({ study });
    return {
      data: { study, participation: await client.participationOf({ study }), transactions },
      text: [done(`Disputed the delivery to study ${study}`), facts({ gas: gas(Number(receipt.gasUsed)) })].join("\n"),
    };
  },
});
