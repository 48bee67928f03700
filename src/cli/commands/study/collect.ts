import { chart } from "../../line/amounts.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { address, file } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { studyNumber } from "../../words/study-in-words.js";
import { done, facts, gas } from "../../terminal/tables.js";

export default command({
  purpose:
    "Takes one's share of a study: a patient's seven days after the delivery, a steward's, for all of its patients, once the study is settled.",
  flags: {
    study: required(studyNumber, "which study"),
    to: optional(address, "who gets the tokens (one's own account)"),
    sign: optional(file, "send nothing: write the patient's signed payout here, for somebody else to relay"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: ["1 --home homes/alice", "1 --sign payout.json --home homes/bob"],
  async run({ study, to: receiver, ...flags }, talk) {
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    const payout = { study, ...(receiver === undefined ? {} : { to: receiver }) };
    if (output !== undefined) return await signedAction(session, output, await client.signPayoutStudy(payout));
    const { receipt, events } = await client.payoutStudy(payout);
    const { to, amount } = events["PaidOut"] as { to: string; amount: bigint };
    const balance = await client.tokenBalanceOf({ account: to });
    return {
      data: { study, amount: String(amount), to, balance: String(balance), transactions },
      text: [
        done(`Study ${study} paid ${chart(amount)}`),
        facts({ to, "has now": chart(balance), gas: gas(Number(receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});
