import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";

export default command({
  purpose:
    "States, as a steward, that one record of a patient was deposited in the season before: for what is in no batch, such as a record that the patient wrote and the steward answers for. Anybody may relay it until the season ends.",
  flags: {
    patient: required(participant, "the patient"),
    digest: required(
      {
        placeholder: "DIGEST",
        expects: "the record's whole digest: 0x and 64 hexadecimal digits",
        parse: (text) => (/^0x[0-9a-f]{64}$/.test(text) ? text : undefined),
      },
      "the record, as it is anchored: the steward's own, or the patient's",
    ),
    sign: required(file, "write the signed statement here, for anybody to relay"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [`--patient 3 --digest 0x${"1f".repeat(32)} --sign statement.json --home homes/hospital`],
  async run({ patient, digest: recordDigest, ...flags }, talk) {
    await using output = await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    return await signedAction(session, output, await session.client.stateDeposit({ patient, recordDigest }));
  },
});
