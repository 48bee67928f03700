import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { studyNumber } from "../../words/study-in-words.js";
import { caution, done, facts, gas } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";

export default command({
  purpose:
    "Withdraws from a study, and takes back the grant to its researcher as far as no other study of the researcher needs it. What was delivered stays paid; nothing more is delivered.",
  flags: {
    study: required(studyNumber, "which study"),
    sign: optional(file, "send nothing: write the signed withdrawal here, for somebody else to relay"),
    "sign-revocation": optional(file, "with --sign: write the signed revocation of the grant here; relay it first"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: ["1 --home homes/alice", "1 --sign withdrawal.json --sign-revocation revocation.json --home homes/bob"],
  async run({ study, sign, "sign-revocation": signRevocation, ...flags }, talk) {
    if ((sign === undefined) !== (signRevocation === undefined)) {
      throw badUsage("--sign and --sign-revocation go together: the grant is taken back apart");
    }
    await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
    await using second = signRevocation === undefined ? undefined : await OutputFile.reserve(signRevocation, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there", as: "patient" });
    const { client, transactions } = session;
    if (output !== undefined && second !== undefined) {
      const { withdrawal, revocation } = await client.signWithdrawFromStudy({ study });
      if (revocation === undefined)
        talk.note(caution("Other studies of the researcher need the whole grant: it stays."));
      else await second.writeJson(revocation);
      const { data, text } = await signedAction(session, output, withdrawal);
      return { data: { ...(data as object), revocation: revocation === undefined ? null : second.path }, text };
    }
    const { receipt } = await client.withdrawFromStudy({ study });
    const participation = await client.participationOf({ study });
    return {
      data: { study, participation, transactions },
      text: [
        done(`Withdrew from study ${study}`),
        facts({ "your part": participation.stage, gas: gas(Number(receipt.gasUsed)) }),
        ...(participation.stage === "Left"
          ? [caution("What was delivered before can't be taken back; it is paid.")]
          : []),
      ].join("\n"),
    };
  },
});
