import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { done, table, time } from "../../terminal/tables.js";
import type { AccountInfo } from "../../../sdk/index.js";

export default command({
  purpose:
    "Shows the accounts that act or acted for a participant: what each may do, from when and until when. Sends nothing.",
  flags: {
    participant: optional(participant, "whose; your own when left out"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/hospital", "--participant 1 --home homes/alice"],
  async run(flags, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "if-there" });
    const { client } = session;
    const id = flags.participant ?? (await client.ownId());
    const { name, kind } = await client.describeParticipant({ id });
    const accounts = await client.listAccounts({ participant: id });
    const acting = accounts.filter(({ acts }) => acts);
    return {
      data: { participant: id, accounts },
      text: [
        done(
          `Accounts of ${kind === "person" ? `participant ${id}` : `${name} (participant ${id}, name verified)`}: ${acting.length} ${acting.length === 1 ? "acts" : "act"}`,
        ),
        table(
          ["account", "scope", "acts", "from", "until"],
          accounts.map((each) => [
            each.account === session.account ? `${each.account} (yours)` : each.account,
            each.scope,
            each.acts ? "yes" : "no",
            each.actsFrom === 0 ? "the beginning" : time(each.actsFrom),
            untilOf(each),
          ]),
        ),
      ].join("\n"),
    };
  },
});

/** One that was replaced in a recovery has no end of its own, and acts no more. */
const untilOf = ({ retiresAt, acts }: AccountInfo): string => (retiresAt === 0 && !acts ? "" : time(retiresAt));
