import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { file } from "../line/flag-kinds.js";
import { required } from "../line/flags.js";
import { readJsonFile } from "../files/input-file.js";
import { openSession } from "../actor/session.js";
import { done, facts, gas } from "../terminal/tables.js";

export default command({
  purpose:
    "Sends, and pays for, an action that somebody else signed. The file is checked first; one that was altered, is out of date or was sent before is refused.",
  flags: { file: required(file, "what a step wrote with --sign"), ...ACTOR_FLAGS },
  operand: "file",
  examples: ["bob-registers.json --home homes/hospital"],
  async run({ file: path, ...flags }, talk) {
    const signed = await readJsonFile(path);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { action, account, says } = await session.client.describeSignedAction({ file: signed });
    const { receipt, events } = await session.client.relay({ file: signed });
    const registered = events["PatientRegistered"]?.["id"] ?? events["ChildRegistered"]?.["child"];
    const participant = registered === undefined ? undefined : Number(registered);
    return {
      data: { action, signer: account, relayer: session.account, participant, transactions: session.transactions },
      text: [
        done(`Relayed ${action}`),
        facts({
          "participant id": participant,
          says,
          "signed by": account,
          "sent by": session.account,
          gas: gas(Number(receipt.gasUsed)),
        }),
      ].join("\n"),
    };
  },
});
