import { nextBlockTime } from "./lib/chain.js";
import { step } from "./lib/command.js";
import { AUTHORITY_FLAGS } from "./lib/common-flags.js";
import { countDown } from "./lib/countdown.js";
import { participant, wholeNumber } from "./lib/flag-kinds.js";
import { required } from "./lib/flags.js";
import { named } from "./lib/named.js";
import { openSession } from "./lib/session.js";
import { done, facts, gas, nextOfOthers } from "./lib/tables.js";

export default step(import.meta, {
  name: "set-deposit-budget",
  purpose:
    "Sets, as the authority, how many deposits a steward may confirm in a season: announces it, waits out the delay, and executes it. On a local chain the authority is the node's first account unless another is named.",
  flags: {
    steward: required(participant, "the steward: a licensed provider"),
    budget: required(wholeNumber("N", 0, 1_000_000), "how many deposits in a season; 0 for none"),
    ...AUTHORITY_FLAGS,
  },
  examples: ["--steward 1 --budget 5000"],
  async run({ steward, budget, ...flags }, talk) {
    await using session = await openSession(flags, talk, {
      account: "authority",
      vault: "none",
    });
    const { client, chain, transactions } = session;
    const name = await named(client, steward);
    const resume = `npx tsx scripts/set-deposit-budget.ts --steward ${steward} --budget ${budget}`;
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
        nextOfOthers("it posts its bond: npx tsx scripts/post-bond.ts --ether AMOUNT"),
      ].join("\n"),
    };
  },
});
