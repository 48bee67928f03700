import { nextBlockTime } from "../../actor/chain.js";
import { command } from "../../line/command.js";
import { AUTHORITY_FLAGS } from "../../line/common-flags.js";
import { countDown } from "../../terminal/countdown.js";
import { participant, wholeNumber } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { named } from "../../actor/named.js";
import { openSession } from "../../actor/session.js";
import { done, facts, gas, nextOfOthers } from "../../terminal/tables.js";

export default command({
  purpose:
    "Sets, as the authority, how many deposits a steward may confirm in a season: announces it, waits out the delay, and executes it. On a local chain the authority is the node's first account unless another is named.",
  flags: {
    steward: required(participant, "the steward: a licensed provider"),
    budget: required(wholeNumber("N", 0, 1_000_000), "how many deposits in a season; 0 for none"),
    ...AUTHORITY_FLAGS,
  },
  operand: "steward",
  examples: ["1 --budget 5000"],
  async run({ steward, budget, ...flags }, talk) {
    await using session = await openSession(flags, talk, {
      account: "authority",
      vault: "none",
    });
    const { client, chain, transactions } = session;
    const name = await named(client, steward);
    const resume = `chartchain bank budget --steward ${steward} --budget ${budget}`;
    const ahead = (await nextBlockTime(chain.provider)) - client.clock();
    using waiting = countDown(talk, `Announced. To go on after an interruption: ${resume}`, ahead);
    await client.setDepositBudget({ steward, budget, onWait: ({ readyAt }) => waiting.begin(readyAt) });
    waiting.end();
    const used = transactions.reduce((sum, transaction) => sum + transaction.gas, 0);
    return {
      data: { steward, budget, authority: session.account, transactions },
      text: [
        done(`${name} may confirm ${budget.toLocaleString("en")} deposits in a season`),
        facts({ authority: session.account, gas: gas(used) }),
        nextOfOthers("it posts its bond: chartchain bank bond --ether AMOUNT"),
      ].join("\n"),
    };
  },
});
