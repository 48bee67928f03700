import { nextBlockTime } from "../../actor/chain.js";
import { command } from "../../line/command.js";
import { AUTHORITY_FLAGS } from "../../line/common-flags.js";
import { countDown } from "../../terminal/countdown.js";
import { file } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts, gas, nextOfOthers } from "../../terminal/tables.js";
import type { SignedActionFile } from "../../../sdk/index.js";

export default command({
  purpose:
    "Carries out, as the authority, what a clinic or a court signed about a representative: an end at once, an appointment for a child after the authority's delay. The authority is the wallet or key that is named; on a local chain else the node's first account.",
  flags: {
    order: required(file, "what chartchain representative appoint --sign wrote"),
    ...AUTHORITY_FLAGS,
  },
  operand: "order",
  examples: ["order.json"],
  async run({ order: path, ...flags }, talk) {
    const order = (await readJsonFile(path)) as SignedActionFile;
    await using session = await openSession({ ...flags, store: undefined, ipfs: undefined }, talk, {
      account: "authority",
      vault: "none",
    });
    const { client, transactions } = session;
    const ahead = (await nextBlockTime(session.chain.provider)) - client.clock();
    const resume = `chartchain authority carry-out --order ${path}`;
    using waiting = countDown(talk, `Announced. To go on after an interruption: ${resume}`, ahead);
    await client.carryOutOrder({ file: order, onWait: ({ readyAt }) => waiting.begin(readyAt) });
    waiting.end();

    const ended = order.action === "endRepresentative";
    const { representative } = order.message as { representative: number };
    const patient = Number(order.message[ended ? "patient" : "child"]);
    const used = transactions.reduce((sum, transaction) => sum + transaction.gas, 0);
    return {
      data: { order: order.action, patient, representative, authority: session.account, transactions },
      text: [
        done(
          ended
            ? `Participant ${representative} acts no more in the place of participant ${patient}`
            : `Participant ${representative} acts in the place of participant ${patient}`,
        ),
        facts({ "signed by": order.account, authority: session.account, gas: gas(used) }),
        ended
          ? caution("It may still have the child's key: who acts now changes that with chartchain key change --child.")
          : nextOfOthers(`with a key of its own: chartchain key change --child ${patient}`),
      ].join("\n"),
    };
  },
});
