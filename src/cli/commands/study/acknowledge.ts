import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { studyNumber } from "../../words/study-in-words.js";
import { done, facts, nextOfOthers } from "../../terminal/tables.js";

export default command({
  purpose:
    "Signs, as a study's researcher or as the patient, that a delivery arrived. The steward keeps the file, and answers a dispute with it.",
  flags: {
    study: required(studyNumber, "which study"),
    patient: required(participant, "whose records were delivered"),
    out: required(file, "write the acknowledgement here, for the steward"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: ["1 --patient 3 --out acknowledged.json --home homes/university"],
  async run({ study, patient, ...flags }, talk) {
    await using output = await OutputFile.reserve(flags.out, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    await output.writeJson(await session.client.acknowledgeDelivery({ study, patient }));
    return {
      data: { study, patient, file: output.path },
      text: [
        done(`Signed that records of patient ${patient} arrived for study ${study}`),
        facts({ file: output.path }),
        nextOfOthers(
          `where the patient disputes it: chartchain study answer --study ${study} --patient ${patient} --acknowledgement ${output.path}`,
        ),
      ].join("\n"),
    };
  },
});
