import { openSession } from "../../actor/session.js";
import { readJsonFile } from "../../files/input-file.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { listRecoveries } from "../../words/recovery-in-words.js";
import { readGuardians } from "../../../sdk/people/guardians.js";

export default command({
  purpose:
    "Shows the recoveries of a person that are open: who began each, for which account, how far it is; with the guardians' file also from when on it may be executed.",
  flags: {
    participant: optional(participant, "whose (the guardians' file says it, else this home's own)"),
    guardians: optional(file, "the guardians' file"),
    ...ACTOR_FLAGS,
  },
  operand: "participant",
  examples: ["--home homes/alice", "3 --home homes/carol", "--guardians guardians.json --home homes/carol"],
  async run(flags, talk) {
    const given = flags.guardians === undefined ? undefined : await readJsonFile(flags.guardians);
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const guardians = given === undefined ? undefined : readGuardians(client, given);
    const person = flags.participant ?? guardians?.participant ?? (await client.ownId());
    return listRecoveries(person, await client.listRecoveries({ participant: person }), guardians);
  },
});
