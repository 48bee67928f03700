import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas } from "../../terminal/tables.js";

export default command({
  purpose:
    "Cancels what was signed and not used: grants, approvals, appointments and changes in files that were lost or kept back. What was granted stays, and so does what only takes away: a signed dismissal or end is usable until its deadline.",
  flags: {
    sign: optional(file, "send nothing: write the signed cancellation here, for somebody else to relay"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice"],
  async run(flags, talk) {
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    if (output !== undefined) return await signedAction(session, output, await client.signCancelSignatures());
    const { receipt } = await client.cancelSignatures();
    return {
      data: { participant: await client.ownId(), transactions },
      text: [done("What was signed before counts no more"), facts({ gas: gas(Number(receipt.gasUsed)) })].join("\n"),
    };
  },
});
