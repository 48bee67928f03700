import { openSession } from "../../actor/session.js";
import { OutputFile } from "../../files/output-file.js";
import { signedOrder } from "../../files/signed-order.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { confirm } from "../../terminal/ask.js";
import { caution, done, facts, gas } from "../../terminal/tables.js";

export default command({
  purpose:
    "Ends what a representative may do. A court ends one that it announced for an adult. For a child the institution that appointed it, or a court, signs with --sign, and the authority carries it out.",
  flags: {
    patient: required(participant, "in whose place: an adult, or a child"),
    representative: required(participant, "who acts no more"),
    sign: optional(file, "send nothing: write what is signed here, for who carries it out"),
    yes: toggle("don't ask; what is signed is shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "representative",
  examples: ["9 --patient 12 --sign order.json --home homes/court"],
  async run({ patient, representative, sign, ...flags }, talk) {
    await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    if (output !== undefined) {
      talk.note(facts({ patient: `participant ${patient}`, representative: `participant ${representative}` }));
      await confirm(talk, "Sign that it acts no more?", flags.yes);
      return await signedOrder(session, output, await client.signEndRepresentative({ patient, representative }));
    }
    const { receipt } = await client.endRepresentative({ patient, representative });
    return {
      data: { patient, representative, ended: true, transactions },
      text: [
        done(`Participant ${representative} acts no more in the place of participant ${patient}`),
        facts({ gas: gas(Number(receipt.gasUsed)) }),
        caution("What the representative granted stays: the person takes it back with chartchain consent revoke."),
      ].join("\n"),
    };
  },
});
