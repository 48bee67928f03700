import { step } from "./lib/command.js";
import { ACTOR_FLAGS, FORCE } from "./lib/common-flags.js";
import { file, participant } from "./lib/flag-kinds.js";
import { required } from "./lib/flags.js";
import { OutputFile } from "./lib/output-file.js";
import { openSession } from "./lib/session.js";
import { studyNumber } from "./lib/study-in-words.js";
import { done, facts, nextOfOthers } from "./lib/tables.js";

export default step(import.meta, {
  name: "acknowledge-delivery",
  purpose:
    "Signs, as a study's researcher or as the patient, that a delivery arrived. The steward keeps the file, and answers a dispute with it.",
  flags: {
    study: required(studyNumber, "which study"),
    patient: required(participant, "whose records were delivered"),
    out: required(file, "write the acknowledgement here, for the steward"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--study 1 --patient 3 --out acknowledged.json --home homes/university"],
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
          `where the patient disputes it: npx tsx scripts/answer-dispute.ts --study ${study} --patient ${patient} --acknowledgement FILE`,
        ),
      ].join("\n"),
    };
  },
});
