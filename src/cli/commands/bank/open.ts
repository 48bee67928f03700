import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";
import { readIdentityClaim } from "../../files/identity-claim.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas, next } from "../../terminal/tables.js";

export default command({
  purpose:
    "Opens a patient's account with the Data Bank, by an identity that a licensed provider attested. It is needed for interest on deposits and for taking part in studies.",
  flags: {
    identity: required(file, "the identity, as the provider wrote it with chartchain identity attest"),
    sign: optional(file, "send nothing: write the signed opening here, for somebody else to relay"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--identity identity.json --home homes/alice"],
  async run({ identity, ...flags }, talk) {
    const claim = await readIdentityClaim(identity);
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there", as: "patient" });
    const { client, transactions } = session;
    if (output !== undefined) return await signedAction(session, output, await client.signOpenBankAccount(claim));
    const { receipt } = await client.openBankAccount(claim);
    const patient = await client.ownId();
    return {
      data: { patient, issuer: claim.issuer, transactions },
      text: [
        done("Opened an account with the Data Bank"),
        facts({
          "participant id": patient,
          "attested by": `participant ${claim.issuer}`,
          gas: gas(Number(receipt.gasUsed)),
        }),
        next("interest, as soon as there is some: chartchain bank claim"),
      ].join("\n"),
    };
  },
});
