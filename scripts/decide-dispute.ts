import { nextBlockTime } from "./lib/chain.js";
import { step } from "./lib/command.js";
import { AUTHORITY_FLAGS } from "./lib/common-flags.js";
import { countDown } from "./lib/countdown.js";
import { choice, participant } from "./lib/flag-kinds.js";
import { required } from "./lib/flags.js";
import { openSession } from "./lib/session.js";
import { studyNumber } from "./lib/study-in-words.js";
import { done, facts, gas } from "./lib/tables.js";

export default step(import.meta, {
  name: "decide-dispute",
  purpose:
    "Decides, as the authority, whether a disputed delivery that the steward answered was made: announces it, waits out the delay, and executes it, within thirty days of the answer.",
  flags: {
    study: required(studyNumber, "which study"),
    patient: required(participant, "who disputes"),
    delivered: required(choice("ANSWER", ["YES", "NO"]), "whether it was: YES pays everybody, NO nobody"),
    ...AUTHORITY_FLAGS,
  },
  examples: ["--study 1 --patient 3 --delivered YES"],
  async run({ study, patient, delivered, ...flags }, talk) {
    await using session = await openSession(flags, talk, {
      account: "authority",
      vault: "none",
    });
    const { client, chain, transactions } = session;
    const resume = `npx tsx scripts/decide-dispute.ts --study ${study} --patient ${patient} --delivered ${delivered}`;
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
