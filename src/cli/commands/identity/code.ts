import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { badUsage } from "../../line/usage.js";

export default command({
  purpose:
    "Shows the code of what a provider is to attest: your account and key, a child that you register, or the account with which you come of age. Staff compare it before they attest that. It is of what this device made, whatever file they have.",
  flags: {
    "new-child": toggle("of a child that you register, with chartchain child register --request"),
    "grown-child": optional(
      participant,
      "of the account and key that chartchain child come-of-age --request made for you, this child",
    ),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--new-child --home homes/alice", "--grown-child 9 --home homes/dora"],
  async run({ "new-child": newChild, "grown-child": child, ...flags }, talk) {
    if (newChild && child !== undefined) throw badUsage("it takes either --new-child, or --grown-child ID");
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, account } = session;
    if (child !== undefined) {
      const code = await client.ownComingOfAgeCode({ child });
      return { data: { code, participant: child, account }, text: code };
    }
    const code = await (newChild ? client.ownChildCode() : client.ownAttestationCode());
    return { data: { code, participant: await client.ownId(), account }, text: code };
  },
});
