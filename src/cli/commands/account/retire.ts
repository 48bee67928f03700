import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { address, file } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, gas, time } from "../../terminal/tables.js";

export default command({
  purpose:
    "Retires an account of a participant: it acts for 30 more days, which is longer than a recovery takes, so that a thief shuts nobody out. --keep calls that off. An institution's operator, and an owner that doesn't act yet, go at once and for good. What was signed before and not used dies with it.",
  flags: {
    account: required(address, "the account"),
    keep: toggle("it stays after all"),
    sign: optional(file, "send nothing: write the signed decision here, for somebody else to relay"),
    yes: toggle("don't ask"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "account",
  examples: ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --home homes/alice"],
  async run({ account, keep, yes, ...flags }, talk) {
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    talk.note(facts({ participant: await client.ownId(), account }));
    if (!keep && account.toLowerCase() === session.account.toLowerCase()) {
      talk.note(caution("It is the account that you are using now. Without another one you will be shut out."));
    }
    await confirm(talk, keep ? "Keep this account?" : "Retire this account?", yes);
    if (output !== undefined) {
      const signed = await (keep ? client.signKeepAccount({ account }) : client.signRetireAccount({ account }));
      return await signedAction(session, output, signed);
    }
    const { receipt, events } = await (keep ? client.keepAccount({ account }) : client.retireAccount({ account }));
    const until = keep ? undefined : Number(events["AccountRetiring"]?.["from"]);
    return {
      data: { account, ...(until === undefined ? {} : { until }), transactions },
      text: [
        done(keep ? "The account stays" : "The account retires"),
        facts({ account, "acts until": until && time(until), gas: gas(Number(receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});
