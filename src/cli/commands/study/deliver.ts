import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { studyNumber } from "../../words/study-in-words.js";
import { count, done, facts, gas, nextOfOthers } from "../../terminal/tables.js";

export default command({
  purpose:
    "Delivers a participant's records to a study, as the steward that the patient named: only while the study is released and the patient's grant stands. Puts a signed receipt on chain, and writes the file for the researcher, which nobody else can open.",
  flags: {
    study: required(studyNumber, "which study"),
    patient: required(participant, "whose records"),
    deliver: required(file, "write the delivery here, for the researcher"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: ["1 --patient 3 --deliver for-study.json --home homes/hospital"],
  async run({ study, patient, ...flags }, talk) {
    await using output = await OutputFile.reserve(flags.deliver, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    const { file: delivery, receipt } = await client.deliverToStudy({ study, patient });
    await output.writeJson(delivery);
    const { grant, envelopes } = delivery.delivery;
    const keys = grant?.wraps.length ?? 0;
    const records = envelopes.reduce((sum, each) => sum + each.envelopes.length, 0);
    return {
      data: { study, patient, file: output.path, keys, records, transactions },
      text: [
        done(`Delivered records of patient ${patient} to study ${study}`),
        facts({
          holds: `${count(keys, "key")} and the envelopes of ${count(records, "record")}`,
          file: output.path,
          gas: gas(Number(receipt.gasUsed)),
        }),
        nextOfOthers(`the researcher takes it in, and signs that it did: chartchain record take ${output.path}`),
      ].join("\n"),
    };
  },
});
