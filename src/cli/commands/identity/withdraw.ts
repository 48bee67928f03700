import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { required, toggle } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts, gas, table, time } from "../../terminal/tables.js";

export default command({
  purpose:
    "Takes back, as the provider that attested it, who a patient is: nothing is sealed for that participant any more or released to it. Lists who received keys. What the patient has and may do stays.",
  flags: {
    patient: required(participant, "the patient"),
    restore: toggle("take a withdrawal back, once it is certain who the patient is"),
    ...ACTOR_FLAGS,
  },
  examples: ["--patient 3 --home homes/hospital"],
  async run({ patient, restore, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    if (restore) {
      const { receipt } = await client.restoreIdentity({ participant: patient });
      return {
        data: { patient, withdrawn: false, transactions },
        text: [
          done(`The identity of participant ${patient} stands`),
          facts({ gas: gas(Number(receipt.gasUsed)) }),
        ].join("\n"),
      };
    }
    const { receipt, released } = await client.withdrawIdentity({ participant: patient });
    const rows = released.map((each) => [each.recipient, each.patient, each.purpose, time(each.last)].map(String));
    return {
      data: { patient, withdrawn: true, released, transactions },
      text: [
        done(`Withdrawn: nothing goes to participant ${patient} any more`),
        ...(rows.length === 0
          ? []
          : [caution("These received keys. Tell them:"), table(["recipient", "patient", "purpose", "last"], rows)]),
        facts({ gas: gas(Number(receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});
