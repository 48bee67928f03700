import { nextBlockTime } from "../../actor/chain.js";
import { command } from "../../line/command.js";
import { AUTHORITY_FLAGS } from "../../line/common-flags.js";
import { countDown } from "../../terminal/countdown.js";
import { choice, participant } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { studyNumber } from "../../words/study-in-words.js";
import { done, facts, gas } from "../../terminal/tables.js";

export default command({
  purpose:
    "Decides, as the authority, whether a disputed delivery that the steward answered was made: announces it, waits out the delay, and executes it, within thirty days of the answer.",
  flags: {
    study: required(studyNumber, "which study"),
    patient: required(participant, "who disputes"),
    delivered: required(choice("ANSWER", ["YES", "NO"]), "whether it was: YES pays everybody, NO nobody"),
    ...AUTHORITY_FLAGS,
  },
  operand: "study",
  examples: ["1 --patient 3 --delivered YES"],
  async run({ study, patient, delivered, ...flags }, talk) {
    await using session = await openSession(flags, talk, {
      account: "authority",
      vault: "none",
    });
    const { client, chain, transactions } = session;
    const resume = `chartchain study decide --study ${study} --patient ${patient} --delivered ${delivered}`;
    const ahead = (await nextBlockTime(chain.provider)) - client.clock();
    using waiting = countDown(talk, `Announced. To go on after an interruption: ${resume}`, ahead);
    const onWait = ({ readyAt }: { readyAt: number }) => waiting.begin(readyAt);
    await client.decideDispute({ study, patient, delivered: delivered === "YES", onWait });
    waiting.end();
    const used = transactions.reduce((sum, transaction) => sum + transaction.gas, 0);
    return {
      data: { study, patient, delivered: delivered === "YES", authority: session.account, transactions },
      text: [
        done(
          `The delivery of patient ${patient}'s records to study ${study} was ${delivered === "YES" ? "" : "not "}made`,
        ),
        facts({ authority: session.account, gas: gas(used) }),
      ].join("\n"),
    };
  },
});
