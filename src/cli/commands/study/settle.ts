import { chart } from "../../line/amounts.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { required, toggle } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { studyForPrograms, studyNumber } from "../../words/study-in-words.js";
import { done, facts, gas, nextOfOthers } from "../../terminal/tables.js";
import type { StudyStatus } from "../../../sdk/modules/studies/index.js";
import type { FullClient } from "../../../sdk/modules/index.js";

export default command({
  purpose:
    "Ends a study when nothing can be disputed any more, seven days after it closed: pays the bank's share, which is burned, and gives what is left of the escrow back to who paid it. Anybody may; run again, it finishes what was interrupted.",
  flags: {
    study: required(studyNumber, "which study"),
    cancel: toggle("as the researcher: end it before it is released"),
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: ["1 --home homes/university", "1 --cancel --home homes/university"],
  async run({ study: number, cancel, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    const which = { study: number };
    // One that ended already has only its money to give away.
    const before = await client.studyOf(which);
    if (before.status === "Open") await (cancel ? client.cancelStudy(which) : client.settleStudy(which));
    const { bank, refunded } = await giveAway(client, number);
    const study = await client.studyOf(which);
    const used = transactions.reduce((sum, transaction) => sum + transaction.gas, 0);
    return {
      data: { study: studyForPrograms(study), toBank: String(bank), refunded: String(refunded), transactions },
      text: [
        done(`Study ${number} is ${study.status.toLowerCase()}`),
        facts({
          delivered: study.delivered,
          ...(study.disputed === 0 ? {} : { "in dispute": study.disputed }),
          "to the bank, and burned": chart(bank),
          "went back": `${chart(refunded)} to ${study.payer}`,
          gas: gas(used),
        }),
        ...(study.delivered === 0
          ? []
          : [nextOfOthers(`patients and stewards collect: chartchain study collect --study ${number}`)]),
      ].join("\n"),
    };
  },
});

async function giveAway(client: FullClient, study: number): Promise<{ bank: bigint; refunded: bigint }> {
  const { status, bankPaid, refunded: wentBack, delivered, disputed, maximum } = await client.studyOf({ study });
  let [bank, refunded] = [0n, 0n];
  if (status === "Settled" && bankPaid < delivered) {
    const { events } = await client.payoutBank({ study });
    bank = events["BankPaid"]?.["amount"] as bigint;
    await client.burnBankFees();
  }
  if (hasEnded(status) && wentBack + disputed + delivered < maximum) {
    const { events } = await client.refundStudy({ study });
    refunded = events["Refunded"]?.["amount"] as bigint;
  }
  return { bank, refunded };
}

function hasEnded(status: StudyStatus): boolean {
  return status === "Settled" || status === "Cancelled";
}
