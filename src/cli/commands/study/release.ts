import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { required } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { studyForPrograms, studyInWords, studyNumber } from "../../words/study-in-words.js";
import { done, facts, gas, nextOfOthers } from "../../terminal/tables.js";

export default command({
  purpose:
    "Releases a study when enrolment is over: has the chain count the participants whose consent stands now, with a licensed provider as the steward, and where they reach the minimum stewards deliver, for good. Anybody may.",
  flags: { study: required(studyNumber, "which study"), ...ACTOR_FLAGS },
  operand: "study",
  examples: ["1 --home homes/university"],
  async run({ study: number, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    await client.releaseStudy({ study: number });
    const study = await client.studyOf({ study: number });
    const used = transactions.reduce((sum, transaction) => sum + transaction.gas, 0);
    return {
      data: { study: studyForPrograms(study), transactions },
      text: [
        done(`Released study ${number}`),
        facts({ ...studyInWords(study), gas: gas(used) }),
        nextOfOthers(`stewards deliver: chartchain study deliver --study ${number} --patient ID --deliver FILE`),
      ].join("\n"),
    };
  },
});
