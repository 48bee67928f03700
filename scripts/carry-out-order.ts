import { nextBlockTime } from "./lib/chain.js";
import { step } from "./lib/command.js";
import { AUTHORITY_FLAGS } from "./lib/common-flags.js";
import { countDown } from "./lib/countdown.js";
import { file } from "./lib/flag-kinds.js";
import { required } from "./lib/flags.js";
import { readJsonFile } from "./lib/input-file.js";
import { openSession } from "./lib/session.js";
import { caution, done, facts, gas, nextOfOthers } from "./lib/tables.js";
import type { SignedActionFile } from "../src/sdk/index.js";

export default step(import.meta, {
  name: "carry-out-order",
  purpose:
    "Carries out, as the authority, what a clinic or a court signed about a representative: an end at once, an appointment for a child after the authority's delay. The authority is the wallet or key that is named; on a local chain else the node's first account.",
  flags: {
    order: required(file, "what appoint-representative --sign wrote"),
    ...AUTHORITY_FLAGS,
  },
  examples: ["--order order.json"],
  async run({ order: path, ...flags }, talk) {
    const order = (await readJsonFile(path)) as SignedActionFile;
    await using session = await openSession({ ...flags, store: undefined, ipfs: undefined }, talk, {
      account: "authority",
      vault: "none",
    });
    const { client, transactions } = session;
    const ahead = (await nextBlockTime(session.chain.provider)) - client.clock();
    const resume = `npx tsx scripts/carry-out-order.ts --order ${path}`;
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
          ? caution("It may still have the child's key: who acts now changes that with change-key --child.")
          : nextOfOthers(`with a key of its own: npx tsx scripts/change-key.ts --child ${patient}`),
      ].join("\n"),
    };
  },
});
