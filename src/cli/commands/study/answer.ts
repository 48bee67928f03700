import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { openSession } from "../../actor/session.js";
import { studyNumber } from "../../words/study-in-words.js";
import { done, facts, gas, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";

export default command({
  purpose:
    "Answers, as the steward and within fourteen days, a patient who says that nothing was delivered: with the acknowledgement of the researcher or the patient, or with one's word, about which the authority decides. With --close anybody ends a dispute whose term ran out.",
  flags: {
    study: required(studyNumber, "which study"),
    patient: required(participant, "who disputes"),
    acknowledgement: optional(file, "what the researcher or the patient signed (chartchain study acknowledge)"),
    close: toggle("end it instead: nobody answered or decided in time"),
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: [
    "1 --patient 3 --acknowledgement acknowledged.json --home homes/hospital",
    "1 --patient 3 --close --home homes/hospital",
  ],
  async run({ study, patient, acknowledgement, close, ...flags }, talk) {
    if (close && acknowledgement !== undefined) throw badUsage("--close takes no --acknowledgement: the time is over");
    const signed = acknowledgement === undefined ? undefined : await readJsonFile(acknowledgement);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    const which = { study, patient };
    const { receipt } = await (close
      ? client.closeDispute(which)
      : client.answerDispute(signed === undefined ? which : { ...which, acknowledgement: signed }));
    const participation = await client.participationOf(which);
    return {
      data: { participation, transactions },
      text: [
        done(`${close ? "Ended" : "Answered"} the dispute of patient ${patient} about study ${study}`),
        facts({
          "their part": participation.stage,
          ...(participation.deadline === 0 ? {} : { "decided until": time(participation.deadline) }),
          gas: gas(Number(receipt.gasUsed)),
        }),
      ].join("\n"),
    };
  },
});
