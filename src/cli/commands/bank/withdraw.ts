import { amount, chart } from "../../line/amounts.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { address, file } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas } from "../../terminal/tables.js";

export default command({
  purpose: "Takes interest that has vested out of a patient's account with the Data Bank, as tokens.",
  flags: {
    amount: optional(amount("AMOUNT"), "so many tokens (all that has vested)"),
    to: optional(address, "who gets them (one's own account)"),
    sign: optional(file, "send nothing: write the signed withdrawal here, for somebody else to relay"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--amount 12.5 --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --home homes/alice"],
  async run({ amount: asked, to: receiver, ...flags }, talk) {
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there", as: "patient" });
    const { client, transactions } = session;
    const withdrawal = {
      ...(asked === undefined ? {} : { amount: asked }),
      ...(receiver === undefined ? {} : { to: receiver }),
    };
    if (output !== undefined) return await signedAction(session, output, await client.signWithdrawInterest(withdrawal));
    const { receipt, events } = await client.withdrawInterest(withdrawal);
    const { amount: taken, to } = events["Withdrawn"] as { amount: bigint; to: string };
    const balance = await client.tokenBalanceOf({ account: to });
    return {
      data: { amount: String(taken), to, balance: String(balance), transactions },
      text: [
        done(`Withdrew ${chart(taken)}`),
        facts({ to, "has now": chart(balance), gas: gas(Number(receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});
