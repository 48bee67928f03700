import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { address, anyText, file, participant } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";
import { identityClaimFile } from "../../files/identity-claim.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { done, facts, gas, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { ChartChainError } from "../../../errors/index.js";
import { identitySalt, queryEvents, type Client } from "../../../sdk/index.js";

export default command({
  purpose:
    "Attests, as a licensed provider, who is behind a patient's account, by an identifier such as a medical record number. The chain has a salted commitment; the file that this writes says what is in it, and is for the patient.",
  flags: {
    patient: optional(participant, "the patient, by the account that registered"),
    account: optional(address, "or one of the patient's accounts"),
    code: required(
      anyText("DIGITS"),
      "the code on the person's own screen (chartchain identity code), as staff read it there",
    ),
    identifier: required(anyText("TEXT"), "system and value in one text, such as http://hospital.example/mrn|12345"),
    out: required(file, "write the identity here, for the patient"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [
    '--patient 3 --code "0312 5549 8821 0047 6630" --identifier "http://hospital.example/mrn|12345" --out identity.json --home homes/hospital',
  ],
  async run({ patient, identifier, code, ...flags }, talk) {
    if ((patient === undefined) === (flags.account === undefined))
      throw badUsage("give --patient ID or --account ADDRESS");
    await using output = await OutputFile.reserve(flags.out, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there", as: "provider" });
    const { client, transactions } = session;
    const account = flags.account ?? (await accountOf(client, patient!));
    const salt = identitySalt();
    const file = await client.attestIdentity({ account, code, identifier, salt });
    // Before it is on chain: an identity whose salt is lost says nothing.
    await output.writeJson(identityClaimFile({ issuer: await client.ownId(), identifier, salt }));
    const { receipt } = await client.linkIdentity({ file });
    return {
      data: { account, file: output.path, transactions },
      text: [
        done("Attested the identity"),
        facts({ account, "for the patient": output.path, gas: gas(Number(receipt.gasUsed)) }),
        nextOfOthers(`the patient opens an account: chartchain bank open --identity ${output.path}`),
      ].join("\n"),
    };
  },
});

async function accountOf(client: Client, patient: number): Promise<string> {
  const { Registrar } = client.contracts;
  const [event] = await queryEvents(client, Registrar, Registrar.filters.PatientRegistered(patient));
  if (event !== undefined) return event.args["account"] as string;
  throw new ChartChainError("UNKNOWN_PARTICIPANT", `participant ${patient} didn't register as a patient`, {
    details: { patient },
    hint: "Check the number, or give the account.",
  });
}
